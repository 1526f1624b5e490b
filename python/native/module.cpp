// The engine as a Python extension, `odordiff._native`. Python's lock is released wherever the engine works;
// what the engine throws becomes an exception of odordiff.errors here and nowhere else.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "api/errors.h"
#include "base/error.h"
#include "base/fork_gate.h"
#include "call.h"
#include "model/folder.h"
#include "model/identity.h"
#include "nn/cpu.h"
#include "operations.h"

namespace py = pybind11;

namespace odordiff::python {
namespace {

constexpr std::chrono::milliseconds kSignalLook{50};  // between two looks at whether Ctrl-C was pressed

py::object exception_class(const char* name) {
  return py::module_::import("odordiff.errors").attr(name);
}

void raise(const char* name, const char* message) {
  PyErr_SetString(exception_class(name).ptr(), message);
}

// With what is wrong by member, as pairs of JSON Pointer and detail.
void raise_fields(const api::InvalidFields& invalid) {
  const py::object type = exception_class("InvalidInput");
  py::object error = type(invalid.what());
  py::list fields;
  for (const auto& field : invalid.errors()) fields.append(py::make_tuple(field.pointer, field.detail));
  error.attr("fields") = fields;
  PyErr_SetObject(type.ptr(), error.ptr());
}

void translate(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const api::InvalidFields& error) {
    raise_fields(error);
  } catch (const InvalidInput& error) {
    raise("InvalidInput", error.what());
  } catch (const Overloaded& error) {
    raise("Overloaded", error.what());
  } catch (const Unavailable& error) {
    raise("Unavailable", error.what());
  } catch (const Cancelled& error) {
    raise("Cancelled", error.what());
  } catch (const Error& error) {
    raise("OdorDiffError", error.what());
  }
}

// Destroys without Python's lock: that joins threads.
struct Unlocked {
  template <typename T>
  void operator()(T* object) const {
    if (PyGILState_Check() != 0) {
      const py::gil_scoped_release release;
      delete object;
    } else {
      delete object;
    }
  }
};

py::dict as_dict(const model::Identity& identity) {
  py::dict out;
  out["name"] = identity.name;
  out["version"] = identity.version;
  out["precision"] = identity.precision;
  out["backend"] = identity.backend;
  out["digest"] = identity.digest;
  return out;
}

// Of an engine that would load this folder with this precision.
py::dict identity_of(const std::string& folder, const std::string& precision) {
  const auto checked = nn::to_string(nn::parse_precision(precision));
  return as_dict(model::identify(model::read_config(folder), checked, nn::backend_name(nn::cpu_path())));
}

class Engine {
 public:
  Engine(const std::string& folder, const std::string& precision, int threads) {
    const generate::PipelineOptions options{folder, nn::parse_precision(precision), threads};
    const py::gil_scoped_release release;
    const AtWork at_work;
    pipeline_ = std::shared_ptr<const generate::Pipeline>(new generate::Pipeline(options), Unlocked());
    pipeline_->load_all();
  }

  std::shared_ptr<Call> start(const std::string& operation, const std::string& body) const {
    if (!pipeline_) throw Unavailable("the engine was abandoned");
    return {
        new Call([pipeline = pipeline_, operation, body](const std::atomic<bool>& cancel, const Emit& emit) {
          return answer(*pipeline, operation, body, cancel, emit);
        }),
        Unlocked()};
  }

  py::dict identity() const {
    if (!pipeline_) throw Unavailable("the engine was abandoned");
    return as_dict(pipeline_->identity());
  }

  // In a forked process, which has none of the engine's threads: forgets the engine without ending them.
  void abandon() { static_cast<void>(new std::shared_ptr<const generate::Pipeline>(std::move(pipeline_))); }

 private:
  std::shared_ptr<const generate::Pipeline> pipeline_;
};

// Waits at most so long; without `patience_s` as long as it takes. Ctrl-C is heard.
py::object next_event(Call& call, std::optional<double> patience_s) {
  using Clock = std::chrono::steady_clock;
  const auto until = patience_s ? Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                     std::chrono::duration<double>(*patience_s))
                                : Clock::time_point::max();
  while (true) {
    std::optional<Event> event;
    {
      const py::gil_scoped_release release;
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      event = call.next(std::clamp(left, std::chrono::milliseconds(0), kSignalLook));
    }
    if (event) return py::make_tuple(event->kind, event->json);
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (Clock::now() >= until) return py::none();
  }
}

}  // namespace
}  // namespace odordiff::python

PYBIND11_MODULE(_native, module) {
  using namespace odordiff::python;
  module.doc() = "The engine of OdorDiff-2, in C++.";
  py::register_exception_translator(translate);

  py::class_<Call, std::shared_ptr<Call>>(module, "Call", "A request at work on a thread of its own.")
      .def("next", next_event, py::arg("patience_s") = py::none(),
           "The next (kind, JSON), or None where none came in time; the last is of kind \"answer\". Raises "
           "what "
           "went wrong.")
      .def("cancel", &Call::cancel, "Ends the work soon; next() then raises Cancelled.")
      .def("end", &Call::end, py::call_guard<py::gil_scoped_release>(),
           "Cancels, and waits until the work has ended.")
      .def("fileno", &Call::file, "A file descriptor that is readable while next() has something to give.");

  py::class_<Engine>(module, "Engine", "A loaded model. Safe to use from many threads.")
      .def(py::init<const std::string&, const std::string&, int>(), py::arg("folder"), py::arg("precision"),
           py::arg("threads"), "Loads the model of the folder. threads 0: one a core.")
      .def("start", &Engine::start, py::arg("operation"), py::arg("body"),
           "Begins a request whose body is JSON as the API over HTTP takes it.")
      .def_property_readonly("identity", &Engine::identity, "What exactly makes its answers.")
      .def("abandon", &Engine::abandon, "Forgets the engine in a forked process, where its threads are not.");

  module.def(
      "find_model",
      [](const std::string& name_or_folder, const std::string& installed) {
        return odordiff::model::find_folder(name_or_folder, installed).string();
      },
      py::arg("name_or_folder"), py::arg("installed"),
      "The folder of a model; for \"\" the one that ODORDIFF_MODEL names, else the default one.");
  module.def("identity", identity_of, py::arg("folder"), py::arg("precision"),
             "Of an engine that would load this folder with this precision, without loading it.");
  module.def("operations", operation_names, "The names that Engine.start takes.");
  module.def("draw", draw, py::arg("smiles"), py::arg("width_px") = 300, py::arg("height_px") = 220,
             py::call_guard<py::gil_scoped_release>(), "The molecule as an <svg> element.");
  module.attr("version") = ODORDIFF_VERSION;
}
