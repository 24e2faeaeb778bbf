"""AlterConfigs and IncrementalAlterConfigs: what the broker checks first, then what the controller decides.

Source: ConfigAdminManager.preprocess, ConfigurationControlManager, ControllerConfigurationValidator.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.config.definitions import ConfigType, Definition, definitions
from kafka_conformance.reference_broker.config.dynamic import dynamic_definition, validate_dynamic_change
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.config.group import validate_client_metrics_config, validate_group_config
from kafka_conformance.reference_broker.config.topic import validate_topic_config
from kafka_conformance.reference_broker.controller.create_topics import CONFIG_VALUE_TOO_LONG, MAX_CONFIG_VALUE_LENGTH
from kafka_conformance.reference_broker.controller.decision import NO_ERROR, ApiError, Decision, refusal
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.controller.records import ClearElrRecord, ConfigRecord, MetadataRecord
from kafka_conformance.reference_broker.controller.resources import ResourceType
from kafka_conformance.reference_broker.controller.topic_names import why_invalid

_MIN_ISR = "min.insync.replicas"
_KINDS = (ResourceType.TOPIC, ResourceType.BROKER, ResourceType.GROUP, ResourceType.CLIENT_METRICS)


class Operation(IntEnum):
    """What IncrementalAlterConfigs does with a configuration. Source: AlterConfigOp.OpType."""

    SET = 0
    DELETE = 1
    APPEND = 2
    SUBTRACT = 3


class Alteration(NamedTuple):
    """One configuration's change."""

    name: str
    operation: int
    value: str | None


class Resource(NamedTuple):
    """What a request alters: a resource with its changes, in the request's order."""

    type: int
    name: str
    alterations: tuple[Alteration, ...]


class Receiver(NamedTuple):
    """The broker that got the request: it alone takes changes of its own configuration."""

    node_id: int
    config: BrokerConfig


def incremental_alter_configs(
    image: MetadataImage, receiver: Receiver, resources: Sequence[Resource]
) -> Decision[list[ApiError]]:
    """Decide a request; resources change or stay one by one. The reply has an error for each, in order."""
    known = set(Operation)
    if any(
        each.operation not in known
        for resource in resources
        if resource.type != ResourceType.BROKER
        for each in resource.alterations
    ):
        return Decision([ApiError(ErrorCode.UNKNOWN_SERVER_ERROR)] * len(resources))  # as Kafka's controller fails
    return _alter(image, receiver, resources, complete=False)


def alter_configs(image: MetadataImage, receiver: Receiver, resources: Sequence[Resource]) -> Decision[list[ApiError]]:
    """Decide a request of the older API: what a resource's alterations, all SET, do not name is deleted."""
    return _alter(image, receiver, resources, complete=True)


def _alter(
    image: MetadataImage, receiver: Receiver, resources: Sequence[Resource], *, complete: bool
) -> Decision[list[ApiError]]:
    times = Counter((resource.type, resource.name) for resource in resources)
    errors: list[ApiError] = []
    records: list[MetadataRecord] = []
    for resource in resources:
        if times[resource.type, resource.name] > 1:
            errors.append(ApiError(ErrorCode.INVALID_REQUEST, "Each resource must appear at most once."))
            continue
        altered = _alter_resource(image, receiver, resource, complete)
        if isinstance(altered, ApiError):
            errors.append(altered)
        else:
            errors.append(NO_ERROR)
            records += altered
    return Decision(errors, (*records, *_cleared_elrs(records)))


def _alter_resource(
    image: MetadataImage, receiver: Receiver, resource: Resource, complete: bool
) -> list[MetadataRecord] | ApiError:
    try:
        _check_request(receiver, resource, complete)
        before = image.configs.get((resource.type, resource.name), {})
        after = _altered({} if complete else before, resource)
        if resource.type == ResourceType.BROKER:
            validate_dynamic_change(after, receiver.config, per_broker=bool(resource.name))
        records = _records(resource, before, after, complete)
        _check_records(records)
        _check_resource(image, receiver, resource, after)
    except ConfigError as refused:
        return refusal(refused)
    return records


def _check_request(receiver: Receiver, resource: Resource, complete: bool) -> None:
    """What the receiving broker refuses; the older API knows no loggers. Source: ConfigAdminManager.preprocess."""
    names = [each.name for each in resource.alterations]
    if len(set(names)) < len(names):
        raise _invalid("Error due to duplicate config keys")
    nulls = [each.name for each in resource.alterations if each.value is None and each.operation != Operation.DELETE]
    if nulls:
        raise _invalid(f"Null value not supported for : {', '.join(nulls)}")
    if resource.type == ResourceType.BROKER_LOGGER and not complete:
        _check_node(receiver, resource.name, "Unexpected node id. Expected")
        raise ConfigError(f"Logger {names[0] if names else 'root'} does not exist!")
    if resource.type not in _KINDS:
        raise _invalid(f"Unknown resource type {resource.type}")
    if resource.type == ResourceType.BROKER:
        if resource.name:
            _check_node(receiver, resource.name, "Unexpected broker id, expected")
        for each in resource.alterations:
            if each.operation not in set(Operation):
                raise _invalid(f"Unknown operations type {each.operation}")


def _check_node(receiver: Receiver, name: str, unexpected: str) -> None:
    if not name.removeprefix("-").isdecimal():
        raise _invalid(f"Node id must be an integer, but it is: {name}")
    if int(name) != receiver.node_id:
        raise _invalid(f"{unexpected} {receiver.node_id}, but received {name}")


def _invalid(message: str) -> ConfigError:
    return ConfigError(message, error_code=ErrorCode.INVALID_REQUEST)


def _altered(before: Mapping[str, str], resource: Resource) -> dict[str, str]:
    after = dict(before)
    for name, operation, value in resource.alterations:
        if operation == Operation.SET:
            after[name] = value or ""
        elif operation == Operation.DELETE:
            after.pop(name, None)
        else:
            after[name] = _altered_list(after.get(name), resource, Operation(operation), name, value or "")
    return after


def _altered_list(current: str | None, resource: Resource, operation: Operation, name: str, value: str) -> str:
    definition = _list_definition(resource, operation, name)
    text = definition.default if current is None else current
    elements = [element for element in (text or "").split(",") if element]
    for element in value.split(","):
        if operation is Operation.APPEND and element not in elements:
            elements.append(element)
        elif operation is Operation.SUBTRACT and element in elements:
            elements.remove(element)
    return ",".join(elements)


def _list_definition(resource: Resource, operation: Operation, name: str) -> Definition:
    """The definition of a list. A broker checks its own first; the controller knows those of topics and brokers."""
    if resource.type == ResourceType.BROKER:
        definition = dynamic_definition(name) or definitions("broker").get(name)
        if definition is None:
            raise ConfigError(f"Unknown config name: {name}", name=name)
        if definition.type is not ConfigType.LIST:
            how = operation.name.lower()
            raise ConfigError(f"Config value {how} is not allowed for config key: {name}", name=name)
        return definition
    definition = definitions("topic").get(name) if resource.type == ResourceType.TOPIC else None
    if definition is None or definition.type is not ConfigType.LIST:
        raise ConfigError(f"Can't {operation.name} to key {name} because its type is not LIST.", name=name)
    return definition


def _records(
    resource: Resource, before: Mapping[str, str], after: Mapping[str, str], complete: bool
) -> list[MetadataRecord]:
    """A broker's are written even where nothing changes: they make it load its files again (KAFKA-14136)."""
    always = resource.type == ResourceType.BROKER
    named = [each.name for each in resource.alterations]
    dropped = [name for name in before if name not in after and name not in named] if complete else []
    return [
        ConfigRecord(resource_type=resource.type, resource_name=resource.name, name=name, value=after.get(name))
        for name in (*named, *dropped)
        if always or before.get(name) != after.get(name)
    ]


def _check_records(records: Iterable[MetadataRecord]) -> None:
    """Source: ConfigurationControlManager.validateAlterConfig; eligible leader replicas are enabled (KIP-966)."""
    for record in records:
        assert isinstance(record, ConfigRecord)
        if record.name == _MIN_ISR and record.resource_type == ResourceType.BROKER:
            if record.resource_name:
                raise ConfigError(f"Broker-level {_MIN_ISR} cannot be altered while ELR is enabled.")
            if record.value is None:
                raise ConfigError(f"Cluster-level {_MIN_ISR} cannot be removed while ELR is enabled.")
        if record.value is not None and len(record.value) > MAX_CONFIG_VALUE_LENGTH:
            raise ConfigError(CONFIG_VALUE_TOO_LONG.message or "")


def _check_resource(image: MetadataImage, receiver: Receiver, resource: Resource, after: Mapping[str, str]) -> None:
    """Source: ControllerConfigurationValidator.validate, then QuorumController's existence checker."""
    if resource.type == ResourceType.TOPIC:
        _check_topic(image, receiver, resource.name, after)
    elif resource.type == ResourceType.GROUP:
        if not resource.name:
            raise _invalid("Default group resources are not allowed.")
        validate_group_config(after, receiver.config)
    elif resource.type == ResourceType.CLIENT_METRICS:
        validate_client_metrics_config(resource.name, after)


def _check_topic(image: MetadataImage, receiver: Receiver, name: str, after: Mapping[str, str]) -> None:
    if not name:
        raise _invalid("Default topic resources are not allowed.")
    if reason := why_invalid(name):
        raise ConfigError(reason, error_code=ErrorCode.INVALID_TOPIC_EXCEPTION)
    validate_topic_config(after, receiver.config)
    if name not in image.topics:
        message = f"The topic '{name}' does not exist."
        raise ConfigError(message, error_code=ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)


def _cleared_elrs(records: Iterable[MetadataRecord]) -> list[MetadataRecord]:
    """A changed minimum makes who was eligible as a leader meaningless (KIP-966)."""
    return [
        ClearElrRecord(topic_name=record.resource_name if record.resource_type == ResourceType.TOPIC else "")
        for record in records
        if isinstance(record, ConfigRecord) and record.name == _MIN_ISR
    ]
