// How the server is doing, second by second: only what it measures itself (/stats and /metrics).
import { useEffect, useState } from 'preact/hooks';
import { get, getText, inWords } from '../api';
import { plain, several } from '../words';

const kEvery_ms = 1000;
const kKept = 120; // seconds in the plots

interface Stats {
  uptime_seconds: number;
  http?: { requests: number; by_status: Record<string, number>; connections: number; streams: number; sent_bytes: number };
  queue: { waiting: number; capacity: number; working: number; workers: number };
  generation: { answers: number; molecules: number; samples: number };
  cache: { items: number; bytes: number; hits: number; misses: number };
  sampler: { mean_batch: number | null; active_sequences: number };
}

interface Route {
  route: string;
  count: number;
  p50: number;
  p95: number;
  p99: number;
}

interface Moment {
  at: number;
  stats: Stats;
}

// Quantiles of Prometheus histograms, straight within a bucket as Prometheus itself has them.
export function routesOf(metrics: string): Route[] {
  const buckets = new Map<string, [number, number][]>();
  const line = /^odordiff_http_request_seconds_bucket\{method="([^"]*)",route="([^"]*)",le="([^"]*)"\} (\S+)$/gm;
  for (const [, method, route, le, count] of metrics.matchAll(line)) {
    const name = `${method} ${route}`;
    if (!buckets.has(name)) buckets.set(name, []);
    buckets.get(name)!.push([le === '+Inf' ? Infinity : Number(le), Number(count)]);
  }
  const quantile = (list: [number, number][], q: number): number => {
    const want = q * list[list.length - 1]![1];
    let below: [number, number] = [0, 0];
    for (const [le, count] of list) {
      if (count >= want) return le === Infinity ? below[0] : below[0] + ((le - below[0]) * (want - below[1])) / Math.max(1, count - below[1]);
      below = [le, count];
    }
    return below[0];
  };
  return [...buckets]
    .map(([route, list]) => ({
      route,
      count: list[list.length - 1]![1],
      p50: quantile(list, 0.5),
      p95: quantile(list, 0.95),
      p99: quantile(list, 0.99),
    }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

const milliseconds = (s: number): string => (s < 1 ? `${plain(s * 1000, s < 0.01 ? 1 : 0)} ms` : `${plain(s, 1)} s`);

function duration(seconds: number): string {
  if (seconds < 120) return `${plain(seconds, 0)} s`;
  return seconds < 7200 ? `${plain(seconds / 60, 0)} min` : `${plain(seconds / 3600, 1)} h`;
}

function Plot(props: { label: string; value: string; unit?: string; values: number[]; ceiling?: number; detail?: string }) {
  const most = Math.max(props.ceiling ?? 0, ...props.values, 1e-9);
  const points = props.values.map((v, i) => `${(300 - (props.values.length - 1 - i) * (300 / (kKept - 1))).toFixed(1)},${(58 - (54 * v) / most).toFixed(1)}`);
  return (
    <div class="plot">
      <h2>{props.label}</h2>
      <p class="plot-value">
        {props.value} <span>{props.unit}</span>
      </p>
      <svg viewBox="0 0 300 60" preserveAspectRatio="none" aria-hidden="true">
        <polyline points={points.join(' ')} />
      </svg>
      <p class="fine">{props.detail}</p>
    </div>
  );
}

export function Operations() {
  const [moments, setMoments] = useState<Moment[]>([]);
  const [routes, setRoutes] = useState<Route[]>([]);
  const [problem, setProblem] = useState('');
  const [paused, pause] = useState(false);
  useEffect(() => {
    if (paused) return undefined;
    const control = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      if (!document.hidden) {
        try {
          const [stats, metrics] = await Promise.all([get<Stats>('/stats', control.signal), getText('/metrics', control.signal)]);
          setMoments((list) => [...list, { at: performance.now() / 1000, stats }].slice(-kKept - 1));
          setRoutes(routesOf(metrics));
          setProblem('');
        } catch (error) {
          if (control.signal.aborted) return;
          setProblem(inWords(error));
        }
      }
      if (!control.signal.aborted) timer = setTimeout(look, kEvery_ms);
    };
    void look();
    return () => {
      control.abort();
      clearTimeout(timer);
    };
  }, [paused]);
  const now = moments[moments.length - 1]?.stats;
  const rates = (value: (s: Stats) => number): number[] =>
    moments.slice(1).map((m, i) => Math.max(0, (value(m.stats) - value(moments[i]!.stats)) / (m.at - moments[i]!.at)));
  const series = (value: (s: Stats) => number): number[] => moments.slice(-kKept).map((m) => value(m.stats));
  const lastOf = (list: number[]): number => list[list.length - 1] ?? 0;
  const molecules = rates((s) => s.generation.molecules);
  const requests = rates((s) => s.http?.requests ?? 0);
  const looked = now ? now.cache.hits + now.cache.misses : 0;
  return (
    <div class="operations">
      <header class="results-head">
        <h1>Operations</h1>
        {now && <p>Up for {duration(now.uptime_seconds)}</p>}
        <button type="button" aria-pressed={paused} onClick={() => pause(!paused)}>
          Pause
        </button>
      </header>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {!now && !problem && (
        <p class="waiting" role="status">
          Looking…
        </p>
      )}
      {now && (
        <>
          <div class="plots">
            <Plot label="Molecules" value={plain(lastOf(molecules))} unit="a second" values={molecules} detail={`${several(now.generation.molecules, 'molecule')} in ${several(now.generation.answers, 'answer')}`} />
            <Plot label="Requests" value={plain(lastOf(requests))} unit="a second" values={requests} detail={`${plain(now.http?.requests ?? 0, 0)} so far, ${several(now.http?.streams ?? 0, 'stream')} open`} />
            <Plot label="Queue" value={`${now.queue.waiting}`} unit={`of ${now.queue.capacity} waiting`} values={series((s) => s.queue.waiting + s.queue.working)} ceiling={now.queue.workers} detail={`${now.queue.working} of ${now.queue.workers} workers busy`} />
            <Plot label="Sampler" value={`${now.sampler.active_sequences}`} unit="sequences" values={series((s) => s.sampler.active_sequences)} detail={now.sampler.mean_batch === null ? 'has not begun' : `${plain(now.sampler.mean_batch)} in a step on average`} />
            <Plot label="Cache" value={looked > 0 ? `${Math.round((100 * now.cache.hits) / looked)} %` : '–'} unit="found" values={series((s) => s.cache.items)} detail={`${several(now.cache.items, 'answer')}, ${plain(now.cache.bytes / 1024, 0)} kB`} />
          </div>
          <h2>Time to answer</h2>
          <div class="scroll" tabIndex={0} role="region" aria-label="Time to answer, by route">
            <table class="latencies">
              <thead>
                <tr>
                  <th scope="col">Route</th>
                  <th scope="col" class="number">Requests</th>
                  <th scope="col" class="number">Median</th>
                  <th scope="col" class="number">95 %</th>
                  <th scope="col" class="number">99 %</th>
                </tr>
              </thead>
              <tbody>
                {routes.map((r) => (
                  <tr key={r.route}>
                    <th scope="row">
                      <code>{r.route}</code>
                    </th>
                    <td class="number">{plain(r.count, 0)}</td>
                    <td class="number">{milliseconds(r.p50)}</td>
                    <td class="number">{milliseconds(r.p95)}</td>
                    <td class="number">{milliseconds(r.p99)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </div>
  );
}
