"""Every promise is broken once, and the check that keeps it has to say so."""

import unittest

from local_cloud import paths
from template_checks import problems
from tests.small_template import GOOD

# What is broken, the text that stands in the good template, what replaces it, the problem expected.
BROKEN = [
    ("runtime", "Runtime: provided.al2023", "Runtime: provided.al2", "Runtime is provided.al2"),
    ("own code", "Handler: api\n", "Handler: api\n      CodeUri: x\n", "has a CodeUri of its own"),
    ("handler", "Handler: worker", "Handler: other", "FunctionName does not end with its Handler"),
    ("ref", "LogGroup: !Ref ApiLogs", "LogGroup: !Ref NoLogs", "!Ref names NoLogs"),
    ("getatt", "Resource: !GetAtt Failed.Arn", "Resource: !GetAtt Gone.Arn", "!GetAtt names Gone"),
    ("sub", '"${Table.Arn}/index/*"', '"${Tabel.Arn}/index/*"', "!Sub names Tabel"),
    ("depends", "HttpApi: { Type", "HttpApi: { DependsOn: Nobody, Type", "DependsOn names Nobody"),
    ("log group", "      LoggingConfig: { LogGroup: !Ref ApiLogs }\n", "", "ApiFunction: has no log group"),
    ("log name", '-api", RetentionInDays', '-apis", RetentionInDays', "its log group is not named"),
    ("retention", '-api", RetentionInDays: 1', '-api"', "ApiLogs: has no RetentionInDays"),
    ("shared role", "Role: !GetAtt ApiRole.Arn", "Role: !GetAtt WorkerRole.Arn", "is shared by 2"),
    ("no role", "      Role: !GetAtt ApiRole.Arn\n", "", "has no role of its own"),
    ("variable", "RUST_LOG: info", "RUST_LOGS: info", "gets RUST_LOGS"),
    ("any resource", "Resource: !GetAtt Failed.Arn", 'Resource: "*"', "allows the resource *"),
    ("wide resource", '"${Table.Arn}/index/*"', '"${Table.Arn}*"', "allows the resource ${Table.Arn}*"),
    ("any action", '"dynamodb:Query"', '"dynamodb:*"', "allows the action dynamodb:*"),
    ("not action", 'Action: "dynamodb:Query"', 'NotAction: "dynamodb:Query"', "uses NotAction"),
    (
        "managed policy",
        "  ApiRole:\n    Type: AWS::IAM::Role\n    Properties:\n",
        "  ApiRole:\n    Type: AWS::IAM::Role\n    Properties:\n      ManagedPolicyArns: [x]\n",
        "uses a managed policy",
    ),
    ("told only", "SYNC_QUEUE_URL: !Ref Work }", "SYNC_QUEUE_URL: !Ref Dead }", "told about Dead but may not"),
    ("not told", "SYNC_QUEUE_URL: !Ref Work, ", "", "may send to Work but is not told"),
    ("loop", "      RecursiveLoop: Allow\n", "", "WorkerFunction: can queue to its own chain"),
    ("no loop", "Handler: api\n", "Handler: api\n      RecursiveLoop: Allow\n", "ApiFunction: sets RecursiveLoop"),
    ("encryption", '-failed", SqsManagedSseEnabled: true', '-failed"', "Failed: is not encrypted"),
    ("fifo name", "-work.fifo", "-work", "does not fit its type"),
    ("no dead letters", "      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5 }\n", "", "Work: has no dead-letter queue"),
    ("other type", "!GetAtt Dead.Arn, maxReceiveCount", "!GetAtt Failed.Arn, maxReceiveCount", "is of another type"),
    ("receives", "maxReceiveCount: 5", "maxReceiveCount: 2", "gives up after fewer than 5"),
    ("keeps", "MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 60", "does not keep messages longer"),
    ("visibility", "VisibilityTimeout: 60", "VisibilityTimeout: 59", "visible again after 59 s"),
    ("fifo batch", "BatchSize: 10", "BatchSize: 11", "takes more than 10 messages"),
    ("partial", "BatchSize: 10\n      FunctionResponseTypes: [ReportBatchItemFailures]", "BatchSize: 10", "does not report"),
    ("receive", '["sqs:ReceiveMessage", "sqs:SendMessage"]', '"sqs:SendMessage"', "may not receive from Work"),
    ("on failure", "      DestinationConfig: { OnFailure: { Destination: !GetAtt Failed.Arn } }\n", "", "no destination"),
    ("bisect", "BisectBatchOnFunctionError: true", "BisectBatchOnFunctionError: false", "does not split"),
    ("retries", "MaximumRetryAttempts: 3", "MaximumRetryAttempts: -1", "retries without end"),
    ("start", "StartingPosition: TRIM_HORIZON", "StartingPosition: LATEST", "does not start at the oldest"),
    ("unused", '"sqs:SendMessage", Resource: !GetAtt Failed.Arn', '"sqs:GetQueueUrl", Resource: !GetAtt Failed.Arn', "nothing sends to it"),
    ("no permission", "Principal: apigateway.amazonaws.com", "Principal: s3.amazonaws.com", "may not invoke ApiFunction"),
    ("payload", 'PayloadFormatVersion: "2.0"', 'PayloadFormatVersion: "1.0"', "payload format 2.0"),
    ("nowhere", '"GET /api/v1/things", Target: !Sub "integrations/${ApiIntegration}"', '"GET /api/v1/things", Target: x', "leads to no integration"),
    ("no alias", '"GET /api/things"', '"GET /api/others"', "has no alias GET /api/things"),
    ("stray alias", '"GET /api/things"', '"GET /api/others"', "is an alias of GET /api/v1/others"),
    ("table billing", "PAY_PER_REQUEST", "PROVISIONED", "not billed on demand"),
    ("table stream", "NEW_AND_OLD_IMAGES", "NEW_IMAGE", "does not stream both images"),
    ("table ttl", "AttributeName: ttl, Enabled: true", "AttributeName: ttl, Enabled: false", "expires nothing"),
    ("table recovery", "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false", "recovered"),
    ("table deletion", "DeletionPolicy: Retain", "DeletionPolicy: Delete", "lost with the stack"),
    ("table keys", "AttributeType: S", "AttributeType: N", "is not a string"),
    ("table index", "ProjectionType: KEYS_ONLY", "ProjectionType: ALL", "projects whole items"),
]


class TemplateChecks(unittest.TestCase):
    """The checks against templates with one flaw each."""

    def test_the_good_template_has_no_problems(self) -> None:
        self.assertEqual(problems(GOOD), [])

    def test_each_flaw_is_found(self) -> None:
        for name, old, new, expected in BROKEN:
            with self.subTest(name):
                self.assertEqual(GOOD.count(old) > 0, True, f"{old!r} is not in the good template")
                found = problems(GOOD.replace(old, new, 1))
                self.assertTrue(any(expected in problem for problem in found), found)

    def test_a_cycle_over_two_functions_is_a_loop(self) -> None:
        text = GOOD.replace(
            "      FunctionName: !Ref WorkerFunction\n      EventSourceArn: !GetAtt Work.Arn",
            "      FunctionName: !Ref ApiFunction\n      EventSourceArn: !GetAtt Work.Arn",
        )
        found = problems(text)
        self.assertIn("ApiFunction: can queue to its own chain but does not set RecursiveLoop: Allow", found)
        self.assertIn("WorkerFunction: sets RecursiveLoop: Allow but can not queue to its own chain", found)

    def test_the_project_keeps_its_promises(self) -> None:
        self.assertEqual(problems(paths.TEMPLATE.read_text()), [])


if __name__ == "__main__":
    unittest.main()
