"""A Redis primary, two replicas and three Sentinels, all of one's own, on loopback, for the tests and the benchmarks."""

import contextlib
import pathlib
import signal
import subprocess

import redis
import redis.sentinel

from fleet import free_port, plain_app, until


class Sentinels:
    """`url` is what workers and senders are given. Whoever was the primary comes back as a replica. A primary without one takes no
    writes, as docs/fleet.md wants it: else those who have not heard of another primary go on with the deposed one, which forgets it."""

    MASTER = "mymaster"

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        ports = [free_port() for _ in range(3)]
        self._servers = {port: self._serve(port, *([] if port == ports[0] else ["--replicaof", "127.0.0.1", str(ports[0])]))
                         for port in ports}
        with redis.Redis(port=ports[0]) as first:  # Sentinels look for replicas each ten seconds: they are to see them at once
            until(lambda: self._serves(first, len(ports) - 1), 30)
        watches = [free_port() for _ in range(3)]
        self._watching = [self._watch(port, ports[0]) for port in watches]
        self.url = ";".join(f"sentinel://127.0.0.1:{port}" for port in watches)
        self._finder = redis.sentinel.Sentinel([("127.0.0.1", port) for port in watches], sentinel_kwargs={"socket_timeout": 2})
        self.client = self._finder.master_for(self.MASTER, socket_timeout=2)
        self._gone = None
        self.settle()

    def _serve(self, port, *more):
        folder = self._folder / str(port)
        folder.mkdir(exist_ok=True)
        return subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "",
                                 "--repl-diskless-sync-delay", "0", "--appendonly", "yes", "--min-replicas-to-write", "1", "--logfile", "log", *more])

    def _watch(self, port, primary):
        settings = self._folder / f"sentinel{port}.conf"
        settings.write_text(f"port {port}\nlogfile sentinel{port}.log\nbind 127.0.0.1\ndir {self._folder}\nlogfile sentinel{port}.log\n"
                            f"sentinel monitor {self.MASTER} 127.0.0.1 {primary} 2\n"
                            f"sentinel down-after-milliseconds {self.MASTER} 3000\n"
                            f"sentinel failover-timeout {self.MASTER} 4000\n")
        return subprocess.Popen(["redis-server", settings, "--sentinel"])

    @staticmethod
    def _serves(server, replicas):
        with contextlib.suppress(redis.RedisError):
            state = server.info("replication")
            return all(state.get(f"slave{number}", {}).get("state") == "online" for number in range(replicas))
        return False

    def _settled(self):
        """Whether the next failover would succeed and lose nothing: both replicas have everything, and all Sentinels know of one."""
        with contextlib.suppress(redis.RedisError):
            primary = self.primary()
            self.client.set("settled", primary)
            return self.client.wait(2, 1000) == 2 and all(self._knows(sentinel, primary) for sentinel in self._finder.sentinels)
        return False

    def _knows(self, sentinel, primary):
        said = sentinel.sentinel_master(self.MASTER)
        return (said["port"] == primary and said["flags"] == "master" and said["num-other-sentinels"] == 2
                and any(replica["flags"] == "slave" for replica in sentinel.sentinel_slaves(self.MASTER)))

    def sender(self):
        """A Celery app that is told of the Sentinels, and not to wait for ever."""
        options = {"master_name": self.MASTER, "socket_timeout": 3, "sentinel_kwargs": {"socket_timeout": 3}}
        app = plain_app(self.url, self.url)
        app.conf.update(broker_transport_options={**app.conf.broker_transport_options, **options},
                        result_backend_transport_options=options, redis_socket_timeout=3)
        return app

    def primary(self):
        """The port of the one that the Sentinels name."""
        return self._finder.discover_master(self.MASTER)[1]

    def kill(self):
        """-9 to the primary; returns when there is another. `start` brings back what was killed."""
        self._gone = self.primary()
        self._end(self._servers[self._gone])
        self._await_another()

    def start(self):
        """What was killed, which takes itself for the primary until the Sentinels notice."""
        self._servers[self._gone] = self._serve(self._gone)

    def freeze(self):
        """The primary says nothing any more, and keeps its connections; returns when there is another. `thaw` lets it go on."""
        self._gone = self.primary()
        self._servers[self._gone].send_signal(signal.SIGSTOP)
        self._await_another()

    def thaw(self):
        self._servers[self._gone].send_signal(signal.SIGCONT)

    def order(self):
        """The Sentinels make another one the primary, though this one is well. They may refuse until they have looked at the replicas."""
        self._gone = self.primary()

        def ordered():
            with contextlib.suppress(redis.RedisError):
                self._finder.sentinels[0].execute_command("SENTINEL FAILOVER", self.MASTER)
            return self._another()

        until(ordered, 60, each=1)
        self.client.connection_pool.disconnect()

    def _await_another(self):
        until(self._another, 60)
        self.client.connection_pool.disconnect()

    def _another(self):
        with contextlib.suppress(redis.RedisError):
            return self.primary() != self._gone
        return False

    def kill_first_sentinel(self):
        """That which `url` names first; the two others still make a majority."""
        self._end(self._watching[0])

    def settle(self):
        until(self._settled, 60)

    def close(self):
        for process in [*self._watching, *self._servers.values()]:
            self._end(process)

    @staticmethod
    def _end(process):
        process.kill()
        process.wait()
