"""The artifact check against lines as objdump prints them."""

import unittest

from artifact_checks import too_new, zipped_bytes

SYMBOLS = """\
DYNAMIC SYMBOL TABLE:
0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.2.5) memcpy
0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.34) pthread_create
0000000000000000      DF *UND*\t0000000000000000 (GCC_3.0)   _Unwind_Resume
"""


class ArtifactChecks(unittest.TestCase):
    """Which symbols are too new, and how large a package gets."""

    def test_what_amazon_linux_has_is_fine(self) -> None:
        self.assertEqual(too_new(SYMBOLS), [])

    def test_a_newer_symbol_is_named(self) -> None:
        newer = SYMBOLS + "0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.38) __isoc23_strtol\n"
        self.assertEqual(
            too_new(newer), ["__isoc23_strtol needs GLIBC_2.38, Amazon Linux 2023 has 2.34"]
        )

    def test_weak_symbols_without_brackets_count_too(self) -> None:
        line = "0000000000000000  w   DF *UND*\t0000000000000000  GLIBC_2.36  arc4random\n"
        self.assertEqual(len(too_new(line)), 1)

    def test_size_is_that_of_the_zip(self) -> None:
        self.assertLess(zipped_bytes(bytes(100_000)), 1_000)


if __name__ == "__main__":
    unittest.main()
