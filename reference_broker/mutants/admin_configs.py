"""Defects of configurations: how they are described, altered, and put into effect."""

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.describe_configs import (
    DescribeConfigsResource,
    DescribeConfigsResourceResult,
)
from kafka_conformance.reference_broker.apis.describe_configs import DescribeConfigsRules
from kafka_conformance.reference_broker.config.broker import ConfigSource
from kafka_conformance.reference_broker.config.describe import ConfigEntry
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.controller.alter_configs import Operation, Resource
from kafka_conformance.reference_broker.controller.controller import Controller
from kafka_conformance.reference_broker.controller.decision import NO_ERROR, ApiError
from kafka_conformance.reference_broker.log import Log
from kafka_conformance.reference_broker.log.config import LogConfig
from kafka_conformance.reference_broker.mutants.registry import mutant


@mutant("admin/defaults-are-the-topics", violates="admin/configs/defaults-are-described")
class DefaultsAreTheTopics(DescribeConfigsRules):
    """A default is described as the topic's own."""

    @override
    def result(self, entry: ConfigEntry, *, include_synonyms: bool) -> DescribeConfigsResourceResult:
        shown = super().result(entry, include_synonyms=include_synonyms)
        shown.config_source = ConfigSource.TOPIC_CONFIG
        return shown


@mutant("admin/describes-everything", violates="admin/configs/describes-what-was-asked")
class DescribesEverything(DescribeConfigsRules):
    """All configurations are described, whichever are asked for."""

    @override
    def wanted(self, resource: DescribeConfigsResource) -> list[str] | None:
        return None


@mutant("admin/unknown-topic-is-invalid", violates="admin/configs/unknown-topic")
class UnknownTopicIsInvalid(DescribeConfigsRules):
    """Describing a topic that does not exist is refused as an invalid request."""

    @override
    def unknown_topic(self) -> ConfigError:
        return ConfigError("", error_code=ErrorCode.INVALID_REQUEST)


@mutant("admin/never-deletes-settings", violates="admin/configs/sets-and-deletes")
class NeverDeletesSettings(Controller):
    """A configuration that is to be deleted stays."""

    @override
    def incremental_alter_configs(
        self, node_id: int, resources: Sequence[Resource], *, validate_only: bool
    ) -> list[ApiError]:
        kept = [
            each._replace(
                alterations=tuple(change for change in each.alterations if change.operation != Operation.DELETE)
            )
            for each in resources
        ]
        return super().incremental_alter_configs(node_id, kept, validate_only=validate_only)


@mutant("admin/appending-sets", violates="admin/configs/lists-grow-and-shrink")
class AppendingSets(Controller):
    """An element that is to be added to a list takes its place."""

    @override
    def incremental_alter_configs(
        self, node_id: int, resources: Sequence[Resource], *, validate_only: bool
    ) -> list[ApiError]:
        setting = [
            each._replace(
                alterations=tuple(
                    change._replace(operation=Operation.SET) if change.operation == Operation.APPEND else change
                    for change in each.alterations
                )
            )
            for each in resources
        ]
        return super().incremental_alter_configs(node_id, setting, validate_only=validate_only)


@mutant("admin/replacing-keeps", violates="admin/configs/replaces-all")
class ReplacingKeeps(Controller):
    """AlterConfigs keeps what it does not name."""

    @override
    def alter_configs(self, node_id: int, resources: Sequence[Resource], *, validate_only: bool) -> list[ApiError]:
        return self.incremental_alter_configs(node_id, resources, validate_only=validate_only)


@mutant("admin/invalid-changes-pass", violates="admin/configs/invalid-is-refused")
class InvalidChangesPass(Controller):
    """A change that cannot be is answered without an error."""

    @override
    def incremental_alter_configs(
        self, node_id: int, resources: Sequence[Resource], *, validate_only: bool
    ) -> list[ApiError]:
        errors = super().incremental_alter_configs(node_id, resources, validate_only=validate_only)
        return [NO_ERROR if error.code is ErrorCode.INVALID_CONFIG else error for error in errors]


@mutant("admin/validation-alters", violates="admin/configs/validate-only-changes-nothing")
class ValidationAlters(Controller):
    """A change that is only to be validated is made."""

    @override
    def incremental_alter_configs(
        self, node_id: int, resources: Sequence[Resource], *, validate_only: bool
    ) -> list[ApiError]:
        return super().incremental_alter_configs(node_id, resources, validate_only=False)


@mutant("admin/limits-never-change", violates="admin/configs/take-effect")
class LimitsNeverChange(Log):
    """A log keeps the configuration with which it was opened."""

    @override
    def update_config(self, config: LogConfig) -> None:
        return None
