// As much of SQLite as the store uses, with its error codes turned into the product's errors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace odordiff::jobs {

// One connection. Not safe for many threads: its user holds a mutex.
// Every call throws StorageFull when there is no room, Unavailable when the file cannot be read or written,
// and Internal for what only a mistake of ours can cause.
class Database {
 public:
  enum class Mode { ReadWrite, ReadOnly };

  Database(const std::filesystem::path& path, Mode mode);

  // Statements without parameters or results.
  void run(const char* sql);
  std::int64_t pragma(const char* sql);
  std::int64_t changes() const;
  std::int64_t last_rowid() const;
  [[noreturn]] void fail(int code) const;
  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

// A prepared statement. Parameters are bound in order, columns read by position.
class Statement {
 public:
  Statement(Database& database, const char* sql);

  template <typename... Values>
  Statement& bind(const Values&... values) {
    reset();
    int at = 0;
    (put(++at, values), ...);
    return *this;
  }
  // The next row, false at the end.
  bool step();
  // For statements that return no rows.
  void run() { step(); }

  std::int64_t integer(int column) const;
  int small(int column) const { return static_cast<int>(integer(column)); }
  std::optional<std::int64_t> maybe_integer(int column) const;
  std::string text(int column) const;

 private:
  void reset();
  void put(int at, std::int64_t value);
  void put(int at, int value) { put(at, std::int64_t{value}); }
  void put(int at, std::string_view value);
  template <typename T>
  void put(int at, const std::optional<T>& value) {
    if (value.has_value()) put(at, *value);  // not bound: NULL
  }

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// All or nothing: rolled back unless it was committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace odordiff::jobs
