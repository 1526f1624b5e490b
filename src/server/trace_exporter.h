// Sends recorded spans to an OpenTelemetry collector: OTLP over HTTP, in its JSON form.
#pragma once

#include <memory>
#include <string>

#include "observe/log.h"
#include "observe/metrics.h"
#include "observe/tracer.h"

namespace odordiff::server {

class TraceExporter {
 public:
  struct Options {
    std::string endpoint;  // base URL, http or https: spans go to ENDPOINT/v1/traces
    std::string version;   // of this program
    int every_ms = 1'000;
    int timeout_ms = 5'000;  // of one POST
  };
  // The references outlive the exporter. A batch that is not taken is tried three times, then dropped.
  TraceExporter(Options options, observe::Tracer& tracer, observe::Registry& registry,
                observe::Logger& logger);
  ~TraceExporter();  // sends what waits, once, and ends

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace odordiff::server
