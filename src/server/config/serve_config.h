// What `odordiff serve` can be told, with its standard values, whoever tells it: file, environment or flag.
#pragma once

#include <string>
#include <vector>

namespace odordiff::server {

struct ServeConfig {
  std::string host = "127.0.0.1";
  int port = 8000;
  std::vector<std::string> hosts;
  int io_threads = 1;
  int workers = 8;
  int max_queue = 64;
  double max_wait_s = 0.5;
  int max_connections = 10'000;
  int max_body_kb = 1024;
  double idle_timeout_s = 75;
  double deadline_s = 120;
  double drain_delay_s = 0;
  double drain_timeout_s = 30;

  std::string model;
  std::string precision = "fp32";
  int threads = 0;

  int cache_items = 1000;
  int cache_mb = 512;
  double cache_ttl_s = 3600;
  std::string warm_up_file, hot_list_file;

  std::string redis_url;  // holds a password
  std::string redis_host;
  int redis_port = 6379;
  int redis_timeout_ms = 100;

  std::string jobs_db;
  int job_threads = 2;
  int job_instance = 0;
  int jobs_max_open = 10'000;
  int jobs_keep_days = 7;
  std::string edge_kind = "none", edge_url, edge_token;
  std::string broker_url;
  std::string broker_master = "mymaster";
  int broker_prompts = 32;
  std::string webhook_secret;
  bool webhooks_to_private = false;

  std::string tls_certificate, tls_key, tls_client_ca;
  bool tls_self_signed = false;
  int hsts_s = 31'536'000;

  std::vector<std::string> trusted_proxies;
  std::string keys_file;
  bool metrics_open = false;
  std::string jwt_key_file, jwt_keys_url, jwt_secret_file;
  std::string jwt_audience, jwt_issuer;
  std::string jwt_role_claim = "role";
  int jwt_leeway_s = 30;
  // Below 0: the usual ones with authentication (gate_policy.cpp), else none.
  int rate_limit = -1, sample_limit = -1, job_limit = -1, stream_limit = -1;
  std::vector<std::string> cors_origins;
  std::string audit_file;
  int audit_keep_days = 90;

  std::string log_level = "info";
  bool access_log = false;
  bool enable_profiling = false;
  std::string otlp_endpoint;
  double trace_share = 1;
};

}  // namespace odordiff::server
