// One molecule, named in the path: judged, drawn, in space, taken apart.
#include <algorithm>
#include <charconv>

#include "api/operations.h"
#include "api/requests.h"
#include "chem/conformer.h"
#include "chem/depict.h"
#include "chem/fragments.h"
#include "scent/descriptors.h"
#include "server/query.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

constexpr int kLeastSide_px = 20, kMostSide_px = 2'000;

bool is_inchikey(std::string_view text) {
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (text.size() != 27 || text[14] != '-' || text[25] != '-') return false;
  return std::all_of(text.begin(), text.begin() + 14, capital) &&
         std::all_of(text.begin() + 15, text.begin() + 25, capital);
}

// The molecule in the path: SMILES, percent-encoded, or the InChIKey of a molecule that this process has
// answered with.
chem::Molecule parse_path(const Service& service, const std::string& text) {
  if (is_inchikey(text)) {
    const auto smiles = service.pipeline.smiles_of(text);
    if (smiles) return service.pipeline.accept(*smiles);
    throw ProblemError(
        {404, "not-found",
         "no molecule of this InChIKey was made or judged here lately; give its SMILES instead"});
  }
  if (text.empty() || text.size() > api::kMostSmilesChars) {
    throw ProblemError({404, "not-found", "a molecule is named by its SMILES, of at most 400 characters"});
  }
  try {
    return service.pipeline.accept(text);
  } catch (const InvalidInput& error) {
    throw ProblemError({422, "invalid-input", error.what()});
  }
}

Response cacheable(std::string type, std::string body) {
  Response out = text_response(200, std::move(type), std::move(body));
  out.headers.emplace_back("Cache-Control", "public, max-age=86400");
  return out;
}

struct Drawing {
  chem::DepictOptions options;
  std::optional<std::size_t> attribute;  // colour the atoms by how much they speak for this descriptor
};

Drawing read_drawing(Query& query) {
  Drawing out;
  out.options.width_px = query.whole("width", kLeastSide_px, kMostSide_px, out.options.width_px);
  out.options.height_px = query.whole("height", kLeastSide_px, kMostSide_px, out.options.height_px);
  const std::string attribute = query.text("attribute", 40);
  if (!attribute.empty()) {
    out.attribute = scent::descriptor_index(attribute);
    if (!out.attribute)
      query.wrong("attribute",
                  "must be an odor descriptor that /v1/describe names, such as smoky, green, woody");
  }
  const std::string atoms = query.text("highlight", 400);
  for (const char *at = atoms.data(), *end = at + atoms.size(); at != end;) {
    int atom = 0;
    const auto [next, error] = std::from_chars(at, end, atom);
    if (error != std::errc{} || atom < 0 || (next != end && *next != ',')) {
      query.wrong("highlight", "must be numbers of atoms, counted from 0, with commas between them");
      break;
    }
    out.options.highlight_atoms.push_back(atom);
    at = next == end ? end : next + 1;
  }
  return out;
}

Response draw(const Service& service, const chem::Molecule& mol, Drawing drawing) {
  if (drawing.attribute) drawing.options.atom_weights = service.pipeline.attribution(mol, *drawing.attribute);
  return cacheable("image/svg+xml", chem::depict_svg(mol, drawing.options));
}

Response record(const chem::Molecule& mol, int dimensions) {
  const std::string key = mol.inchikey();
  return cacheable("chemical/x-mdl-sdfile",
                   (dimensions == 3 ? chem::mol_block_3d(mol, key) : chem::mol_block(mol, key)) + "$$$$\n");
}

// /v1/molecules/CCO, /v1/molecules/CCO.svg, /v1/molecules/CCO.sdf
Outcome molecule(const Service& service, const Request& http) {
  std::string name = http.parameters.at(0);
  std::string form = "json";
  for (const char* ending : {"svg", "sdf"}) {
    if (!name.ends_with(std::string(".") + ending)) continue;
    form = ending;
    name.resize(name.size() - 4);
    break;
  }
  // What another form would take is checked, and changes nothing.
  Query query(http.query);
  const Drawing drawing = read_drawing(query);
  const int dimensions = query.whole("dimensions", 2, 3, 2);
  query.done();
  if (form == "svg") {
    return Work{Priority::Quick, [&service, name, drawing](Call&) {
                  return draw(service, parse_path(service, name), drawing);
                }};
  }
  if (form == "sdf") {
    return Work{Priority::Quick, [&service, name, dimensions](Call&) {
                  return record(parse_path(service, name), dimensions);
                }};
  }
  require_json_accepted(http);
  return Work{Priority::Quick, [&service, name](Call&) {
                return json_response(api::judgement_of(service.pipeline, parse_path(service, name)));
              }};
}

Outcome fragments(const Service& service, const Request& http) {
  require_json_accepted(http);
  Query(http.query).done();
  return Work{Priority::Quick, [&service, name = http.parameters.at(0)](Call&) {
                const chem::Molecule mol = parse_path(service, name);
                Json list = Json::array();
                for (const auto& fragment : chem::fragments(mol))
                  list.push_back({{"smiles", fragment.molecule.smiles()}, {"atoms", fragment.atoms}});
                return json_response({{"smiles", mol.smiles()}, {"fragments", list}});
              }};
}

Outcome routes(const Service& service, const Request& http) {
  require_json_accepted(http);
  Query query(http.query);
  synthesis::RouteOptions options;
  options.max_steps = query.whole("max_steps", 1, 3, options.max_steps);
  options.max_routes = query.whole("count", 1, 20, options.max_routes);
  options.budget_ms = api::kRoutesBudget_ms;
  query.done();
  return Work{
      Priority::Normal, [&service, name = http.parameters.at(0), options](Call& call) mutable {
        options.cancel = call.cancelled();
        return json_response(api::routes_of(service.pipeline, name, parse_path(service, name), options));
      }};
}

}  // namespace

void add_molecule_routes(Router& router, const Service& service) {
  router.add({"GET", "/v1/molecules/{molecule}", with(service, molecule)});
  router.add({"GET", "/v1/molecules/{molecule}/fragments", with(service, fragments)});
  router.add({"GET", "/v1/molecules/{molecule}/routes", with(service, routes)});
}

}  // namespace odordiff::server
