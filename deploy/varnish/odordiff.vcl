# Varnish before `odordiff serve`: keeps what the server marks as cacheable, serves it beyond its time while the server is
# away, and forgets by surrogate key. The server tells it so with --edge-kind ban --edge-url http://THIS:PORT/.
vcl 4.1;

import std;

backend default {
  .host = "127.0.0.1";
  .port = "8000";
  .probe = {
    .url = "/health/ready";
    .interval = 1s;
    .timeout = 1s;
    .window = 3;
    .threshold = 2;
  }
}

# Who may purge: the servers. Where they are other machines, their addresses belong here.
acl servers {
  "localhost";
}

sub vcl_recv {
  if (req.method == "BAN") {
    # A second address: it came by a proxy, whose own address says nothing of who asks.
    if (client.ip !~ servers || req.http.X-Forwarded-For ~ ",") {
      return (synth(403, "Only the servers may purge"));
    }
    if (req.http.Surrogate-Key == "*") {
      ban("obj.status != 0");
    } elsif (req.http.Surrogate-Key ~ "^[A-Za-z0-9._:/-]+( [A-Za-z0-9._:/-]+)*$") {
      # Any of the keys, between spaces or at an end. A dot matches any character: that may forget more, never less.
      ban("obj.http.Surrogate-Key ~ (^|\s)(" + regsuball(req.http.Surrogate-Key, " ", "|") + ")(\s|$)");
    } else {
      return (synth(400, "Surrogate-Key names what is to go, or *"));
    }
    return (synth(200, "Purged"));
  }
  if (req.http.Upgrade ~ "(?i)websocket") {
    return (pipe);
  }
  # Answers to somebody in particular pass by, as do event streams.
  if ((req.method != "GET" && req.method != "HEAD") || req.http.Authorization || req.http.X-API-Key ||
      req.http.Accept ~ "text/event-stream|application/x-ndjson") {
    return (pass);
  }
  unset req.http.Cookie;
}

sub vcl_pipe {
  if (req.http.Upgrade) {
    set bereq.http.Upgrade = req.http.Upgrade;
    set bereq.http.Connection = req.http.Connection;
  }
}

sub vcl_backend_response {
  set beresp.grace = 24h;
  # An error must not take the place of an answer that is merely old.
  if (beresp.status >= 500 && bereq.is_bgfetch) {
    return (abandon);
  }
}

sub vcl_deliver {
  set resp.http.X-Cache = "MISS";
  if (obj.hits > 0) {
    set resp.http.X-Cache = "HIT";
  }
}
