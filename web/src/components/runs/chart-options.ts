// How uPlot draws curves over steps. Knows nothing of where the numbers come from.
import type uPlot from 'uplot';
import type { ChartColors } from './resolved-colors.js';

export interface ChartOptions {
  readonly names: readonly string[];
  readonly logarithmic: boolean;
  readonly colors: ChartColors;
  /** In CSS pixels. */
  readonly width: number;
  readonly format: (value: number) => string;
}

const height = 290;

export function chartOptions({ names, logarithmic, colors, width, format }: ChartOptions): uPlot.Options {
  const axis = {
    stroke: colors.ink,
    grid: { stroke: colors.grid, width: 1 },
    ticks: { stroke: colors.grid, width: 1 },
  };
  const shown = (_: uPlot, value: number | null): string => (value === null ? '–' : format(value));
  return {
    width,
    height,
    padding: [12, 24, 0, 0],
    scales: { x: { time: false }, y: { distr: logarithmic ? 3 : 1 } },
    axes: [
      axis,
      { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : format(tick))) },
    ],
    cursor: { points: { size: 7 } },
    series: [
      { label: 'step', value: shown },
      ...names.map((label, n) => ({
        label,
        stroke: colors.curves[n % colors.curves.length] ?? colors.ink,
        width: 2,
        // Evaluation is measured less often than training: its points are joined.
        spanGaps: true,
        value: shown,
      })),
    ],
  };
}
