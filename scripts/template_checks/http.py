"""Routes of the HTTP API."""

from collections.abc import Iterator

from template_checks.model import Template, attribute_of, mentions, reference_of

_CANONICAL = "/api/v1/"
_ALIAS = "/api/"


def permissions(template: Template) -> Iterator[str]:
    """API Gateway may invoke what a route leads to, and a route leads somewhere."""
    integrations = template.of("AWS::ApiGatewayV2::Integration")
    invocable = {
        reference_of(permission.get("FunctionName"))
        for permission in template.of("AWS::Lambda::Permission").values()
        if permission.get("Principal") == "apigateway.amazonaws.com" and "SourceArn" in permission
    }
    for name, route in template.of("AWS::ApiGatewayV2::Route").items():
        targets = [target for target, _ in mentions(route.get("Target")) if target in integrations]
        if not targets:
            yield f"{name}: leads to no integration"
    for name, integration in integrations.items():
        function = attribute_of(integration.get("IntegrationUri"))
        if function not in invocable:
            yield f"{name}: API Gateway may not invoke {function}"
        if integration.get("PayloadFormatVersion") != "2.0":
            yield f"{name}: does not use payload format 2.0"


def aliases(template: Template) -> Iterator[str]:
    """Everything under /api/v1 also answers under /api, from the same function, and nothing else does."""
    routes = {
        route["RouteKey"]: sorted(target for target, _ in mentions(route.get("Target")))
        for route in template.of("AWS::ApiGatewayV2::Route").values()
    }
    for key, target in routes.items():
        method, _, path = key.partition(" ")
        if path.startswith(_CANONICAL):
            alias = f"{method} {_ALIAS}{path.removeprefix(_CANONICAL)}"
            if routes.get(alias) != target:
                yield f"{key}: has no alias {alias} with the same target"
        elif path.startswith(_ALIAS):
            canonical = f"{method} {_CANONICAL}{path.removeprefix(_ALIAS)}"
            if canonical not in routes:
                yield f"{key}: is an alias of {canonical}, which does not exist"
