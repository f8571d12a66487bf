"""Deploys template.yaml as `aws cloudformation package` and `deploy` would."""

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local_cloud import paths
from local_cloud.failure import Failure
from local_cloud.template import parse

STACK = "ampel"
REGION = "us-east-1"
_BUCKET = "ampel-artifacts"
_FINGERPRINT = "ampel:fingerprint"
_DEPLOY_SECONDS = 120.0
_CODE = "CodeUri: target/lambda/bootstrap"


class Stack:
    """The one stack of a local cloud."""

    def __init__(self, endpoint: str) -> None:
        self._session = boto3.session.Session(
            aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION
        )
        self._endpoint = endpoint
        self._formation = self._client("cloudformation")

    def deploy(self, zipped: Path, parameters: Mapping[str, str]) -> bool:
        """Creates or updates the stack; answers False when it is as wanted already."""
        body = _packaged(zipped.name)
        fingerprint = _fingerprint(body, parameters)
        current = self._describe()
        if current and current["StackStatus"].endswith("ROLLBACK_COMPLETE") and not _was_complete(current):
            self._delete()
            current = None
        if current and _is_complete(current) and _tag(current) == fingerprint:
            return False
        self._upload(zipped)
        self._apply(body, parameters, fingerprint, update=current is not None)
        self._enable_expiry()
        return True

    def outputs(self) -> dict[str, str]:
        """The outputs of the template."""
        current = self._describe() or {}
        return {item["OutputKey"]: item["OutputValue"] for item in current.get("Outputs", [])}

    def _client(self, service: str) -> Any:
        config = Config(retries={"max_attempts": 1}, proxies={}, s3={"addressing_style": "path"})
        return self._session.client(service, endpoint_url=self._endpoint, config=config)

    def _describe(self) -> dict[str, Any] | None:
        try:
            return self._formation.describe_stacks(StackName=STACK)["Stacks"][0]
        except ClientError:
            return None

    def _upload(self, zipped: Path) -> None:
        storage = self._client("s3")
        storage.create_bucket(Bucket=_BUCKET)
        storage.upload_file(str(zipped), _BUCKET, zipped.name)

    def _apply(self, body: str, parameters: Mapping[str, str], fingerprint: str, update: bool) -> None:
        arguments: dict[str, Any] = {
            "StackName": STACK,
            "TemplateBody": body,
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            "Tags": [{"Key": _FINGERPRINT, "Value": fingerprint}],
        }
        if update:
            self._formation.update_stack(**arguments)
        else:
            self._formation.create_stack(**arguments)
        current = self._wait()
        if not _is_complete(current):
            raise Failure(f"deploying template.yaml failed: {self._first_reason(current)}")

    def _delete(self) -> None:
        self._formation.delete_stack(StackName=STACK)
        deadline = time.monotonic() + _DEPLOY_SECONDS
        while self._describe() is not None and time.monotonic() < deadline:
            time.sleep(0.1)

    def _wait(self) -> dict[str, Any]:
        deadline = time.monotonic() + _DEPLOY_SECONDS
        while time.monotonic() < deadline:
            current = self._describe()
            if current and not current["StackStatus"].endswith("IN_PROGRESS"):
                return current
            time.sleep(0.05)
        raise Failure(f"deploying template.yaml took more than {_DEPLOY_SECONDS:.0f} s")

    def _first_reason(self, current: Mapping[str, Any]) -> str:
        events = self._formation.describe_stack_events(StackName=STACK)["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
        if not failed:
            return str(current.get("StackStatusReason") or current["StackStatus"])
        first = failed[-1]
        return f"{first['LogicalResourceId']}: {first.get('ResourceStatusReason', 'no reason given')}"

    def _enable_expiry(self) -> None:
        """The emulator's CloudFormation leaves out the TTL of a table."""
        wanted = parse(paths.TEMPLATE.read_text())["Resources"]["Table"]["Properties"]
        self._client("dynamodb").update_time_to_live(
            TableName=self.outputs()["TableName"],
            TimeToLiveSpecification=wanted["TimeToLiveSpecification"],
        )


def _packaged(key: str) -> str:
    text = paths.TEMPLATE.read_text()
    if text.count(_CODE) != 1:
        raise Failure(f"template.yaml does not contain `{_CODE}` exactly once")
    return text.replace(_CODE, f"CodeUri: s3://{_BUCKET}/{key}")


def _fingerprint(body: str, parameters: Mapping[str, str]) -> str:
    content = json.dumps([body, sorted(parameters.items())])
    return hashlib.sha256(content.encode()).hexdigest()


def _is_complete(stack: Mapping[str, Any]) -> bool:
    return stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def _was_complete(stack: Mapping[str, Any]) -> bool:
    """Whether a stack that was rolled back had been deployed before."""
    return bool(stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE")


def _tag(stack: Mapping[str, Any]) -> str | None:
    return next((tag["Value"] for tag in stack.get("Tags", []) if tag["Key"] == _FINGERPRINT), None)
