// What a person with a browser finds here: the studio, the API's description to read and try, and a molecule
// in space.
#include "server/service.h"
#include "server/static_files.h"

namespace odordiff::server {

void add_studio_routes(Router& router) {
  const auto page = [&](const char* path, const char* file, PagePolicy policy) {
    router.add({"GET", path, [file, policy](const Request& request) -> Outcome {
                  return static_file(request, file, policy);
                }});
  };
  page("/", "index.html", PagePolicy::Studio);
  page("/docs", "docs.html", PagePolicy::Docs);
  page("/redoc", "redoc.html", PagePolicy::Docs);
  // The page of any molecule: its script asks for this one, with a key where the server wants one.
  page("/molecules/{molecule}/visualize", "molecule.html", PagePolicy::Studio);
  page("/favicon.svg", "favicon.svg", PagePolicy::Studio);
  router.add({"GET", "/assets/{file}", [](const Request& request) -> Outcome {
                return static_file(request, "assets/" + request.parameters.at(0));
              }});
}

}  // namespace odordiff::server
