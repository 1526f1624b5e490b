// Predicted smells on the axes of the brief: what was wished for as an outline, what each molecule gives as an area.
import { colour } from '../odor';

export interface Shape {
  label: string;
  values: Record<string, number>; // [0, 1]
  fill: string;
}

const kRadius = 62;

function point(index: number, count: number, radius: number): [number, number] {
  const angle = (2 * Math.PI * index) / count - Math.PI / 2;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

function outline(axes: string[], value: (axis: string) => number): string {
  return axes.map((axis, i) => point(i, axes.length, kRadius * Math.min(1, Math.max(0, value(axis)))).map((x) => x.toFixed(1)).join()).join(' ');
}

function spoken(axes: string[], shapes: Shape[]): string {
  return shapes
    .map((s) => `${s.label}: ${axes.map((axis) => `${axis} ${Math.round(100 * (s.values[axis] ?? 0))} %`).join(', ')}`)
    .join('; ');
}

export function Radar(props: { axes: string[]; wished?: Record<string, number>; shapes: Shape[]; label: string }) {
  const { axes, shapes, wished } = props;
  if (axes.length < 3) return null;
  return (
    <svg class="radar" viewBox="-106 -86 212 172" role="img" aria-label={`${props.label}. ${spoken(axes, shapes)}`}>
      {[0.33, 0.66, 1].map((share) => (
        <polygon class="radar-web" points={outline(axes, () => share)} />
      ))}
      {axes.map((_, i) => {
        const [x, y] = point(i, axes.length, kRadius);
        return <line class="radar-web" x1="0" y1="0" x2={x} y2={y} />;
      })}
      {wished && <polygon class="radar-wish" points={outline(axes, (axis) => wished[axis] ?? 0)} />}
      {shapes.map((shape) => (
        <polygon class="radar-shape" points={outline(axes, (axis) => shape.values[axis] ?? 0)} fill={shape.fill} stroke={shape.fill} />
      ))}
      {axes.map((axis, i) => {
        const [x, y] = point(i, axes.length, kRadius + 9);
        return (
          <g>
            <circle cx={point(i, axes.length, kRadius)[0]} cy={point(i, axes.length, kRadius)[1]} r="2.4" fill={colour(axis)} />
            <text x={x} y={y + 3.5} text-anchor={Math.abs(x) < 12 ? 'middle' : x > 0 ? 'start' : 'end'}>
              {axis}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

// The brief's wishes, strongest first; without a brief, what the molecule smells of most. At least three, so that there is an
// area to see.
export function radarAxes(weights: Record<string, number>, odor: { name: string }[], most = 6): string[] {
  const axes = Object.entries(weights)
    .filter(([, weight]) => weight > 0)
    .slice(0, most)
    .map(([name]) => name);
  for (const { name } of odor) {
    if (axes.length >= Math.max(5, Math.min(most, axes.length))) break;
    if (!axes.includes(name)) axes.push(name);
  }
  return axes;
}
