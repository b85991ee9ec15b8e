import { type PointerEvent, useState } from 'react';
import { t, timeText } from '../texts/texts.ts';
import { highest, latest, nearest, niceTop, type PlotSeries, pathsOf, VIEW } from './plot-math.ts';
import classes from './TimePlot.module.css';

type Props = Readonly<{
  title: string;
  /** Moments of the values, in milliseconds, rising. */
  times: readonly number[];
  series: readonly PlotSeries[];
  span: Readonly<{ fromMs: number; toMs: number }>;
  format: (value: number) => string;
  /** The value at the top; without it, a round one above the highest. */
  top?: number | undefined;
  /** 1024 for bytes, so that the top is a round number of MiB. */
  base?: 10 | 1024;
  /** A longer time without a value is a gap. */
  gapMs: number;
}>;

/**
 * Values over time, as lines with the area below them. Plain SVG that is stretched by the browser: a new value costs one
 * short text of a path and no measuring of the page. A chart library would weigh more than all the rest of a page.
 */
export function TimePlot({ title, times, series, span, format, top, base = 10, gapMs }: Props) {
  const [pointedMs, setPointedMs] = useState<number | null>(null);
  const upTo = top !== undefined && top > 0 ? top : niceTop(highest(series), base);
  const at = pointedMs === null ? -1 : nearest(times, pointedMs);
  const shownMs = times[at];
  const shownOf = ({ values }: PlotSeries) => (at === -1 ? latest(values) : (values[at] ?? null));
  const textOf = (one: PlotSeries) => {
    const value = shownOf(one);
    return value === null ? t.plots.unknown : format(value);
  };
  const point = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setPointedMs(span.fromMs + ((event.clientX - left) / width) * (span.toMs - span.fromMs));
  };
  const summary = series.map((one) => `${one.name} ${textOf(one)}`).join(', ');
  return (
    <figure className={classes.plot}>
      <figcaption className={classes.head}>
        <span className={classes.title}>{title}</span>
        {series.map((one) => (
          <span key={one.name} className={classes.value}>
            <span className={classes.swatch} style={{ background: one.color }} />
            {one.name} {textOf(one)}
          </span>
        ))}
      </figcaption>
      <div
        className={classes.frame}
        role="img"
        aria-label={`${title}: ${summary}`}
        onPointerMove={point}
        onPointerLeave={() => setPointedMs(null)}
      >
        <svg viewBox={`0 0 ${VIEW.width} ${VIEW.height}`} preserveAspectRatio="none" aria-hidden>
          {series.map((one) => {
            const { line, area } = pathsOf(times, one.values, upTo, span, gapMs);
            return (
              <g key={one.name} fill="none" stroke={one.color}>
                <path d={area} fill={one.color} fillOpacity={0.16} stroke="none" />
                <path d={line} strokeWidth={1.75} vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
              </g>
            );
          })}
        </svg>
        <span className={classes.top}>{format(upTo)}</span>
        {shownMs !== undefined && (
          <span
            className={classes.cursor}
            style={{ left: `${((shownMs - span.fromMs) / (span.toMs - span.fromMs)) * 100}%` }}
          />
        )}
      </div>
      <div className={classes.times} aria-hidden>
        <span>{timeText(span.fromMs, span.toMs - span.fromMs)}</span>
        {shownMs !== undefined && <span>{timeText(shownMs, span.toMs - span.fromMs)}</span>}
        <span>{timeText(span.toMs, span.toMs - span.fromMs)}</span>
      </div>
    </figure>
  );
}
