"""How Celery is set up, from the environment; docs/celery.md has the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kombu import Exchange, Queue

from ..errors import InvalidInput
from . import limits

QUEUES = ("generation", "batch", "optimization", "preprocessing")
_QUEUE_OF = {
    "generate": "generation",
    "answer_prompt": "batch",
    "generate_batch": "batch",
    "generate_chunk": "batch",
    "design": "optimization",
    "describe": "preprocessing",
    "assess": "preprocessing",
    "understand": "preprocessing",
}
# Seconds after which a message that no living worker renews is given to another one (transport.py renews each second).
_VISIBILITY_S = 8
# Seconds after which a Redis that says nothing counts as away, and how often connections that wait are looked at: its machine may be
# gone, and then nobody closes them. A worker that waits renews nothing, so it is half of the visibility timeout at most.
_PATIENCE_S, _LOOK_S = 3, 2
_REDIS = ("redis://", "rediss://", "sentinel://", "redis+socket://")
_RABBIT = ("amqp://", "amqps://", "pyamqp://")
_USUAL = 5  # of the API's priorities, 0 to 10


def priority(api: int, broker_url: str = "redis://") -> int:
    """The message priority that an API priority (0 to 10, 10 first) means to a broker.

    Redis has ten steps, of which 0 is served first, so that 10 becomes 0 and both 1 and 0 become 9; RabbitMQ serves 10 first.
    """
    if not 0 <= api <= 10:
        raise ValueError(f"a priority is 0 to 10, not {api}")
    return min(9, 10 - api) if broker_url.startswith(_REDIS) else api


def of(environment: Mapping[str, str]) -> dict[str, Any]:
    """Celery's settings."""
    broker = environment.get("ODORDIFF_BROKER_URL") or "redis://127.0.0.1:6379/0"
    _check("ODORDIFF_BROKER_URL", broker, (*_REDIS, *_RABBIT))
    is_redis = broker.startswith(_REDIS)
    patience, (hard, soft) = _patience(environment), limits.of_tasks(environment)
    limits.number(environment, "ODORDIFF_WORKER_THREADS", 1, least=0)
    results = environment.get("ODORDIFF_RESULT_URL") or (broker if is_redis else "redis://127.0.0.1:6379/0")
    _check("ODORDIFF_RESULT_URL", results, _REDIS)
    if not results.startswith("sentinel://") and ";" in results:
        raise InvalidInput("results, leases and batches are kept by one Redis, or one that Sentinels name: ODORDIFF_RESULT_URL must say "
                           "which, where the broker is one of several")
    return {
        "broker_url": broker,
        "broker_transport_options": _redis_options(environment, broker) if is_redis else {"confirm_publish": True},
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "result_backend": results,
        "result_backend_transport_options": _sentinel(environment, results),
        "result_backend_always_retry": True,
        "redis_socket_timeout": patience,
        "redis_socket_connect_timeout": patience,
        "result_expires": limits.of_results(environment, hard),
        # MessagePack, and JSON for those who have nothing else.
        "task_serializer": "msgpack",
        "result_serializer": "msgpack",
        "accept_content": ["msgpack", "json"],
        "result_accept_content": ["msgpack", "json"],
        "task_queues": [Queue(name, Exchange(name, type="direct"), routing_key=name, max_priority=10) for name in QUEUES],
        "task_default_queue": "generation",
        "task_default_exchange": "generation",
        "task_default_routing_key": "generation",
        "task_create_missing_queues": False,
        "task_routes": {f"odordiff.{task}": {"queue": queue} for task, queue in _QUEUE_OF.items()},
        "task_default_priority": priority(_USUAL, broker),
        # A message is taken off the broker once its result is stored, and given back when its worker dies.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_soft_time_limit": soft,
        "task_time_limit": hard,
        "worker_prefetch_multiplier": 1,
        "worker_proc_alive_timeout": 60.0,  # a child loads the model first
        "worker_soft_shutdown_timeout": 20.0,
        "worker_enable_soft_shutdown_on_idle": False,
        "worker_consumer": "odordiff._celery.consumer:WorkerConsumer",
        # For Flower and `celery events`.
        "worker_send_task_events": True,
        "task_send_sent_event": True,
    }


def _check(name: str, urls: str, schemes: tuple[str, ...]) -> None:
    """URLs of other kinds would be served by transports that keep none of the promises, and plain ones beside others by none at all."""
    for url in urls.split(";"):
        scheme = url[: url.find("://") + 3] if "://" in url else ""  # no more of it, as it may hold a password
        if scheme not in schemes:
            raise InvalidInput(f"{name} begins with {scheme!r}; it takes {', '.join(schemes)}")
        if not urls.startswith(scheme):
            raise InvalidInput(f"{name} has URLs of different kinds; several are of one kind, as in sentinel://host:26379;sentinel://other:26379")
        if scheme == "rediss://" and "ssl_cert_reqs=" not in url:
            raise InvalidInput(f"{name} must say how the server's certificate is checked: rediss://…?ssl_cert_reqs=required&ssl_ca_certs=/ca.pem")


def _visibility(environment: Mapping[str, str]) -> int:
    """Twice the second after which a living worker renews, at least."""
    return int(limits.number(environment, "ODORDIFF_VISIBILITY_S", _VISIBILITY_S, least=2))


def _patience(environment: Mapping[str, str]) -> float:
    return min(_PATIENCE_S, _visibility(environment) / 2)


def _redis_options(environment: Mapping[str, str], broker: str) -> dict[str, Any]:
    patience = _patience(environment)
    return {
        "visibility_timeout": _visibility(environment),
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        "unacked_restore_limit": 1_000,
        "unacked_mutex_expire": 3,  # else a worker killed within keeps the others from restoring for five minutes
        "priority_steps": list(range(10)),
        "queue_order_strategy": "priority",
        "health_check_interval": _LOOK_S,
        "socket_keepalive": True,
        "socket_timeout": patience,
        "socket_connect_timeout": patience,
        **_sentinel(environment, broker),
    }


def _sentinel(environment: Mapping[str, str], url: str) -> dict[str, Any]:
    if not url.startswith("sentinel://"):
        return {}
    password = environment.get("ODORDIFF_SENTINEL_PASSWORD")
    patience = _patience(environment)
    times = {"socket_timeout": patience, "socket_connect_timeout": patience}
    return {
        "master_name": environment.get("ODORDIFF_SENTINEL_MASTER", "mymaster"),
        "sentinel_kwargs": {**times, "password": password} if password else times,
    }
