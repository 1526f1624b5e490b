// One thing that can be set: where it is written, what it may be, and where it goes. The table of all
// settings (serve_settings) is the one place that declares them; file, environment, flags, help and documents
// follow it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/config/serve_config.h"

namespace odordiff::server {

using Value = std::variant<bool, int, double, std::string, std::vector<std::string>>;

struct Setting {
  using Member = std::variant<bool ServeConfig::*, int ServeConfig::*, double ServeConfig::*,
                              std::string ServeConfig::*, std::vector<std::string> ServeConfig::*>;

  std::string path;                       // in the file: "cache.l1_max_size"
  std::string environment;                // the variable's name
  std::string flag;                       // of `odordiff serve`: "--cache-items"
  Member member;                          // its type is the setting's type, its standard value the setting's
  std::string help;                       // one line
  double low = 0, high = 0;               // numbers: the bounds, both included
  std::vector<std::string> choices = {};  // texts: what they may be; empty: anything
  std::string kind = {};                  // texts: what they are, in capitals, for help: "FILE"
  std::string standard = {};  // how the standard value reads where it is not the member's own; may be empty
  std::string example = {};   // in TOML, for the documented file, where the standard value shows nothing
  bool reloads = false;       // SIGHUP makes a new value count
  bool secret = false;        // shown to nobody
  // What is wrong with a text, or with one item of a list; empty: nothing.
  std::function<std::string(const std::string&)> fault = {};
};

// Every setting, in the order of the documented file.
const std::vector<Setting>& serve_settings();

// The value of `setting` in `config`.
Value value_of(const Setting& setting, const ServeConfig& config);
// REQUIRES: `value` has the setting's type.
void put(const Setting& setting, const Value& value, ServeConfig& config);

// What would be right: "a whole number from 0 to 65535".
std::string expected(const Setting& setting);

// The value that a variable or a flag writes; lists are separated by commas. Throws InvalidInput: "takes …,
// not …", without the setting's name.
Value parse_text(const Setting& setting, const std::string& text);
// Throws InvalidInput, as parse_text(), where a value of the right type is out of bounds.
void check_value(const Setting& setting, const Value& value);

// As the file writes it: quoted texts, lists in brackets.
std::string toml_text(const Value& value);
// The same for people, without secrets.
std::string shown_value(const Setting& setting, const Value& value);
// The standard value, for people.
std::string standard_text(const Setting& setting);

}  // namespace odordiff::server
