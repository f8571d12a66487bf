"""The one table."""

from collections.abc import Iterator

from template_checks.model import Template


def shape(template: Template) -> Iterator[str]:
    """There is one table; it can be recovered, expires items, streams both images and has thin indexes."""
    tables = template.of("AWS::DynamoDB::Table")
    if len(tables) != 1:
        yield f"there are {len(tables)} tables, not one"
    for name, table in tables.items():
        if table.get("BillingMode") != "PAY_PER_REQUEST":
            yield f"{name}: is not billed on demand"
        if table.get("StreamSpecification", {}).get("StreamViewType") != "NEW_AND_OLD_IMAGES":
            yield f"{name}: does not stream both images"
        if table.get("TimeToLiveSpecification", {}).get("Enabled") is not True:
            yield f"{name}: expires nothing"
        if table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") is not True:
            yield f"{name}: can not be recovered to a point in time"
        if template.resources[name].get("DeletionPolicy") not in ("Retain", "RetainExceptOnCreate"):
            yield f"{name}: is lost with the stack"
        for attribute in table.get("AttributeDefinitions", []):
            if attribute["AttributeType"] != "S":
                yield f"{name}: its key {attribute['AttributeName']} is not a string"
        for index in table.get("GlobalSecondaryIndexes", []):
            if index["Projection"]["ProjectionType"] not in ("INCLUDE", "KEYS_ONLY"):
                yield f"{name}: its index {index['IndexName']} projects whole items"
