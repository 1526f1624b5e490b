// What the server answers (openapi.json), as far as the studio reads it.

export type Weights = Record<string, number>;

export interface Term {
  text: string;
  begin: number; // bytes of UTF-8
  end: number;
  source: 'lexicon' | 'learned' | 'unknown';
  emphasis: number;
  negated: boolean;
  descriptors: { name: string; weight: number }[];
}

export interface Understanding {
  brief: string;
  understood: boolean;
  terms: Term[];
  weights: Weights;
  note: string;
}

export type Interval = [number, number];

export interface Finding {
  category: string;
  severity: string;
  name: string;
}

export interface Molecule {
  rank?: number;
  smiles: string;
  inchikey: string;
  formula: string;
  score: number;
  match: number;
  odorous: number;
  synthesizability: number;
  sa_score: number;
  novelty: number;
  known: boolean;
  descends_from?: { smiles: string; similarity: number } | null;
  boiling_point_c: number;
  vapor_pressure_pa: number;
  note: 'top' | 'heart' | 'base';
  intensity: number;
  longevity_hours: number;
  sillage: number;
  intervals: Record<string, Interval>;
  outside_domain: string;
  safety: { score: number | null; forbidden: boolean; findings: Finding[]; regions: Record<string, string> };
  makeability: {
    route_found: boolean;
    search_complete: boolean;
    steps: number | null;
    last_reaction: string | null;
    usd_per_kg: Interval | null;
  };
  properties: Record<string, number>;
  odor: { name: string; probability: number }[];
  warnings: string[];
}

export interface Pace {
  done: number;
  total: number;
  seconds: number;
  rate_per_second: number;
  remaining_seconds: number | null;
}

export interface Model {
  name: string;
  version: string;
  digest: string;
}

export interface AnswerEnd {
  seed: number;
  model: Model;
  stop: 'complete' | 'budget_spent' | 'none_left';
  note: string;
  count: number;
  tally: Record<string, number>;
}

export interface Material {
  name: string;
  smiles: string;
  distance: number;
  odor: Record<string, number>;
  source: string;
}

export interface Range {
  low: number;
  high: number;
}

export interface Substance {
  smiles: string;
  molecular_weight: number;
  buyable: boolean;
  usd_per_kg: Range;
  name?: string;
  feedstock?: string;
  price_class?: string;
  origin?: string;
  made_by?: {
    reaction: string;
    family: string;
    conditions: string;
    conditions_meaning: string;
    yield: Range;
    balance: string;
    source: string;
    reactants: Substance[];
  };
}

export interface Plan {
  note: string;
  complete: boolean;
  max_steps: number;
  routes: { rank: number; steps: number; longest_line: number; yield: Range; usd_per_kg: Range; target: Substance }[];
}

export interface Assessment {
  decision: string;
  forbidden: boolean;
  score: number | null;
  in_domain: boolean;
  error?: string;
  findings: {
    id: string;
    category: string;
    severity: string;
    effect: string;
    name: string;
    reason: string;
    source: string;
    atoms: number[];
  }[];
  regions: Record<string, { verdict: string; reasons: string[]; limits_percent: Record<string, number> }>;
  tox21: Record<string, number> | null;
  similarity: {
    known_toxin: number;
    food_safe_flavouring: number;
    is_known_toxin: boolean;
    is_food_safe_flavouring: boolean;
  } | null;
  environment: {
    log_bcf: number;
    biodegradation_within: string;
    readily_biodegradable: boolean;
  } | null;
}
