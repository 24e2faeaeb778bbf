"""DescribeConfigs: values, where they come from, and what they override.

Versions  v1 sources and synonyms; v3 types and documentation (null here, asked for or not); v4 flexible.
Errors    of each resource: INVALID_TOPIC_EXCEPTION, UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST (another broker's id,
          an empty name where there is no default); an unknown resource type refuses the whole request.
          Names that nobody knows are left out. A sensitive value is null.
Source    ConfigHelper.handleDescribeConfigsRequest
"""

from __future__ import annotations

from collections.abc import Iterable

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResourceResult,
    DescribeConfigsResponse,
    DescribeConfigsResult,
    DescribeConfigsSynonym,
)
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.config.describe import (
    ConfigEntry,
    broker_entries,
    client_metrics_entries,
    cluster_entries,
    group_entries,
    topic_entries,
)
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.config.group import GroupConfig
from kafka_conformance.reference_broker.config.topic import TopicConfig
from kafka_conformance.reference_broker.controller.resources import ResourceType
from kafka_conformance.reference_broker.controller.topic_names import why_invalid

_TYPES = frozenset(ResourceType)


class DescribeConfigsRules(ApiRules):
    """What is shown of a resource."""

    def wanted(self, resource: DescribeConfigsResource) -> list[str] | None:
        """The names that are asked for; None for all of them."""
        return resource.configuration_keys

    def result(self, entry: ConfigEntry, *, include_synonyms: bool) -> DescribeConfigsResourceResult:
        """One configuration, as this API describes it."""
        return _result(entry, include_synonyms)

    def unknown_topic(self) -> ConfigError:
        """Why a topic that does not exist is not described."""
        return ConfigError("", error_code=ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)


_UNKNOWN_TYPE = (
    "This most likely occurs because of a request being malformed by the client library or the message was sent to an "
    "incompatible broker. See the broker logs for more details."
)


def describe_configs(ctx: Context, request: DescribeConfigsRequest) -> DescribeConfigsResponse:
    """Answer DescribeConfigs."""
    if any(each.resource_type not in _TYPES for each in request.resources):
        refusal = ConfigError(_UNKNOWN_TYPE, error_code=ErrorCode.INVALID_REQUEST)
        return DescribeConfigsResponse(results=[_refused(each, refusal) for each in request.resources])
    return DescribeConfigsResponse(
        results=[_describe(ctx, resource, request.include_synonyms) for resource in request.resources]
    )


def _describe(ctx: Context, resource: DescribeConfigsResource, include_synonyms: bool) -> DescribeConfigsResult:
    rules = ctx.broker.rules.of(DescribeConfigsRules)
    try:
        entries = _entries(ctx, resource)
    except ConfigError as refusal:
        return _refused(resource, refusal)
    return DescribeConfigsResult(
        resource_type=resource.resource_type,
        resource_name=resource.resource_name,
        configs=[rules.result(entry, include_synonyms=include_synonyms) for entry in entries],
    )


def _refused(resource: DescribeConfigsResource, refusal: ConfigError) -> DescribeConfigsResult:
    return DescribeConfigsResult(
        error_code=refusal.error_code,
        error_message=refusal.message,
        resource_type=resource.resource_type,
        resource_name=resource.resource_name,
    )


def _entries(ctx: Context, resource: DescribeConfigsResource) -> Iterable[ConfigEntry]:
    kind, name = ResourceType(resource.resource_type), resource.resource_name
    wanted = ctx.broker.rules.of(DescribeConfigsRules).wanted(resource)
    image = ctx.broker.image
    overrides = image.configs.get((kind, name), {})
    config = _broker_config(ctx)
    if kind is ResourceType.TOPIC:
        _check_topic(ctx, name)
        return topic_entries(TopicConfig(overrides, config), wanted)
    if kind is ResourceType.BROKER:
        if not name:
            return cluster_entries(config, wanted)
        _check_broker(ctx, name, " or empty string,")
        return broker_entries(config, wanted)
    if kind is ResourceType.BROKER_LOGGER:
        if not name:
            raise _invalid("Broker id must not be empty")
        _check_broker(ctx, name, "")
        return ()
    if not name:
        what = "Client metrics subscription" if kind is ResourceType.CLIENT_METRICS else "Group"
        raise _invalid(f"{what} name must not be empty")
    if kind is ResourceType.CLIENT_METRICS:
        return client_metrics_entries(overrides, wanted)
    return group_entries(GroupConfig(overrides, config), wanted)


def _broker_config(ctx: Context) -> BrokerConfig:
    configs = ctx.broker.image.configs
    own = configs.get((ResourceType.BROKER, str(ctx.broker.node_id)), {})
    return ctx.broker.config.with_dynamic(own, configs.get((ResourceType.BROKER, ""), {}))


def _check_topic(ctx: Context, name: str) -> None:
    if reason := why_invalid(name):
        raise ConfigError(reason, error_code=ErrorCode.INVALID_TOPIC_EXCEPTION)
    if name not in ctx.broker.image.topics:
        raise ctx.broker.rules.of(DescribeConfigsRules).unknown_topic()


def _check_broker(ctx: Context, name: str, alternative: str) -> None:
    if not name.removeprefix("-").isdecimal():
        raise _invalid(f"Broker id must be an integer, but it is: {name}")
    if int(name) != ctx.broker.node_id:
        raise _invalid(f"Unexpected broker id, expected {ctx.broker.node_id}{alternative} but received {name}")


def _invalid(message: str) -> ConfigError:
    return ConfigError(message, error_code=ErrorCode.INVALID_REQUEST)


def _result(entry: ConfigEntry, include_synonyms: bool) -> DescribeConfigsResourceResult:
    synonyms = entry.synonyms if include_synonyms else ()
    return DescribeConfigsResourceResult(
        name=entry.name,
        value=entry.value,
        read_only=entry.read_only,
        config_source=entry.source,
        is_sensitive=entry.is_sensitive,
        synonyms=[DescribeConfigsSynonym(name=each.name, value=each.value, source=each.source) for each in synonyms],
        config_type=entry.type,
        documentation=None,
    )
