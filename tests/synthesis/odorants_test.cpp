// The planner against fifty well-known synthetic odorants (known_odorants.tsv, fixed before the tables were
// written).
#include <gtest/gtest.h>

#include <iostream>

#include "base/table_file.h"
#include "planner.h"

namespace odordiff::synthesis {
namespace {

TEST(KnownOdorants, HaveRoutesIntoWhatCanBeBought) {
  const auto rows = read_table(ODORDIFF_TEST_DIR "/known_odorants.tsv", 2);
  ASSERT_EQ(rows.size(), 50U);
  RouteOptions options;
  options.max_routes = 1;
  options.budget_ms = 600'000;  // bounded by expansions, so that a slow machine gives the same answer
  int found = 0;
  std::string missing;
  for (const auto& row : rows) {
    const Plan plan = planner().routes(chem::Molecule::parse(row.fields[1]), options);
    if (plan.routes.empty()) {
      missing += row.fields[0] + "; ";
    } else {
      ++found;
    }
  }
  EXPECT_GE(found, 40) << "no route for " << missing;
  RecordProperty("found", found);
  std::cout << found << " of 50 have a route; none for: " << missing << "\n";
}

}  // namespace
}  // namespace odordiff::synthesis
