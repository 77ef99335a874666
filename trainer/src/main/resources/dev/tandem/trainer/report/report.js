"use strict";
(() => {
  const run = JSON.parse(document.getElementById("run").textContent);
  const rows = run.rounds;
  const host = document.getElementById("charts");
  if (!host || rows.length === 0) return;

  const percent = (v) => (100 * v).toFixed(1) + "%";
  const plain = (v) => {
    const size = Math.abs(v);
    if (Number.isInteger(v)) return v.toLocaleString("en");
    if (size >= 10000) return Math.round(v).toLocaleString("en");
    return size >= 100 ? v.toFixed(0) : size >= 1 ? v.toFixed(2) : size >= 0.001 ? v.toFixed(4) : v.toExponential(2);
  };
  const seconds = (v) => plain(v) + " s";

  const charts = [
    { title: "Success by split", wide: true, tall: true, show: percent, range: [0, 1], ships: true, series: [
      { key: "train_success", label: "train", colour: "c1" },
      { key: "gate.success", label: "gate", colour: "c2", low: "gate.low", high: "gate.high", band: true },
      { key: "sealed.success", label: "sealed", colour: "c3", low: "sealed.low", high: "sealed.high", bars: true } ] },
    { title: "Incumbent and challenger, train", tall: true, show: percent, range: [0, 1], ships: true, series: [
      { key: "incumbent_success", label: "incumbent", colour: "c1" },
      { key: "challenger_success", label: "challenger", colour: "c4", points: true } ] },
    { title: "Reward", show: plain, series: [{ key: "reward", label: "mean", colour: "c1" }] },
    { title: "Steps an episode", show: plain, series: [{ key: "steps_mean", label: "mean", colour: "c1" }] },
    { title: "Groups without variance", show: plain, zero: true, series: [{ key: "zero_variance_groups", label: "groups", colour: "c1" }] },
    { title: "KL divergence", show: plain, zero: true, series: [
      { key: "kl_behaviour", label: "behaviour", colour: "c1" }, { key: "kl_reference", label: "reference", colour: "c2" } ] },
    { title: "Entropy", show: plain, series: [{ key: "entropy", label: "nats a token", colour: "c1" }] },
    { title: "Importance ratio", show: (v) => v.toFixed(4), series: [{ key: "ratio_mean", label: "mean", colour: "c1" }] },
    { title: "Loss", show: plain, series: [{ key: "loss", label: "mean", colour: "c1" }] },
    { title: "Gradient norm", show: plain, zero: true, series: [{ key: "grad_norm", label: "before clipping", colour: "c1" }] },
    { title: "Clipped tokens", show: percent, zero: true, series: [{ key: "clip_fraction", label: "share", colour: "c1" }] },
    { title: "Tokens per second", show: plain, zero: true, series: [
      { key: "sample_tokens_per_second", label: "sampling", colour: "c1" },
      { key: "train_tokens_per_second", label: "training", colour: "c2" } ] },
    { title: "Seconds a round", show: seconds, zero: true, stacked: true, wide: true, series: [
      { key: "rollout_seconds", label: "rollout", colour: "c1" },
      { key: "train_seconds", label: "training", colour: "c2" },
      { key: "aegis_seconds", label: "AEGIS", colour: "c3" } ] },
  ];

  const at = (row, path) => path.split(".").reduce((node, key) => (node == null ? null : node[key]), row);
  const column = (path) => rows.map((row) => {
    const value = at(row, path);
    return Number.isFinite(value) ? value : null;
  });
  const has = (values) => values.some((value) => value != null);
  const style = () => getComputedStyle(document.documentElement);
  const colour = (name) => style().getPropertyValue("--" + name).trim();
  const fade = (hex, alpha) => hex + Math.round(alpha * 255).toString(16).padStart(2, "0");
  const element = (tag, name, text) => {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (text != null) node.textContent = text;
    return node;
  };

  const x = column("round");
  const sync = uPlot.sync("rounds");
  const drawn = [];

  // Vertical lines where a harness version came into force, with its number.
  const shipLines = (u) => {
    const { ctx } = u, ratio = uPlot.pxRatio;
    ctx.save();
    ctx.strokeStyle = fade(colour("c4"), .55);
    ctx.fillStyle = colour("c4");
    ctx.font = 11 * ratio + "px system-ui, sans-serif";
    ctx.textAlign = "left";
    ctx.setLineDash([3 * ratio, 4 * ratio]);
    ctx.lineWidth = ratio;
    for (const ship of run.ships) {
      const px = Math.round(u.valToPos(ship.round, "x", true));
      if (px < u.bbox.left || px > u.bbox.left + u.bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(px, u.bbox.top);
      ctx.lineTo(px, u.bbox.top + u.bbox.height);
      ctx.stroke();
      ctx.fillText(ship.label, px + 3 * ratio, u.bbox.top + 10 * ratio);
    }
    ctx.restore();
  };

  // 95% intervals of points that are too far apart for a band.
  const intervals = (entries) => (u) => {
    const { ctx } = u, ratio = uPlot.pxRatio;
    ctx.save();
    ctx.lineWidth = 1.5 * ratio;
    for (const { low, high, name } of entries) {
      ctx.strokeStyle = colour(name);
      x.forEach((round, i) => {
        if (low[i] == null || high[i] == null) return;
        const px = u.valToPos(round, "x", true);
        const top = u.valToPos(high[i], "y", true), bottom = u.valToPos(low[i], "y", true);
        ctx.beginPath();
        ctx.moveTo(px, top); ctx.lineTo(px, bottom);
        ctx.moveTo(px - 3 * ratio, top); ctx.lineTo(px + 3 * ratio, top);
        ctx.moveTo(px - 3 * ratio, bottom); ctx.lineTo(px + 3 * ratio, bottom);
        ctx.stroke();
      });
    }
    ctx.restore();
  };

  const axis = (more) => ({
    stroke: colour("soft"), font: "11.5px system-ui, sans-serif", grid: { stroke: colour("grid"), width: 1 },
    ticks: { show: false }, ...more,
  });

  const build = (chart) => {
    const series = chart.series.map((s) => ({ ...s, raw: column(s.key) })).filter((s) => has(s.raw));
    if (series.length === 0) return;
    const panel = element("div", "panel chart" + (chart.wide ? " wide" : "") + (chart.tall ? " tall" : ""));
    const head = element("div", "head");
    const name = element("div", "name", chart.title);
    const where = element("span", "at");
    name.append(where);
    head.append(name);
    const values = series.map((s) => {
      const key = element("span", "key");
      const mark = element("i");
      mark.style.background = "var(--" + s.colour + ")";
      const value = element("b");
      key.append(mark, s.label, value);
      head.append(key);
      return value;
    });
    const plot = element("div");
    panel.append(head, plot);
    host.append(panel);

    const data = [x], specs = [{}], bands = [], errorBars = [];
    let total = x.map(() => 0);
    for (const s of series) {
      const ink = colour(s.colour);
      let shown = s.raw;
      if (chart.stacked) {
        total = total.map((sum, i) => sum + (s.raw[i] ?? 0));
        shown = total.slice();
      }
      if (s.band) {
        const high = column(s.high), low = column(s.low);
        data.push(high, low);
        specs.push({ stroke: "transparent", points: { show: false }, spanGaps: true },
          { stroke: "transparent", points: { show: false }, spanGaps: true });
        bands.push({ series: [specs.length - 2, specs.length - 1], fill: fade(ink, .15) });
      }
      if (s.bars) errorBars.push({ low: column(s.low), high: column(s.high), name: s.colour });
      data.push(shown);
      const sparse = s.bars || s.points || shown.filter((v) => v != null).length < 3;
      specs.push({
        stroke: ink, width: 2, spanGaps: !s.points,
        points: sparse ? { show: true, size: 7, fill: ink, stroke: ink } : { show: false },
        ...(chart.stacked ? { fill: ink, width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.7, 40] }) } : {}),
      });
    }
    // The highest bar of a stack is drawn first, so that the lower ones lie over it.
    if (chart.stacked) {
      data.splice(1, data.length - 1, ...data.slice(1).reverse());
      specs.splice(1, specs.length - 1, ...specs.slice(1).reverse());
    }

    const last = (raw) => { for (let i = raw.length - 1; i >= 0; i--) if (raw[i] != null) return i; return 0; };
    const readout = (u) => {
      const index = u.cursor.idx;
      where.textContent = "round " + (index == null ? x[x.length - 1] : x[index]);
      series.forEach((s, i) => {
        const j = index == null ? last(s.raw) : index;
        const low = s.low ? at(rows[j], s.low) : null, high = s.high ? at(rows[j], s.high) : null;
        const interval = low == null || high == null ? "" : ` (${(100 * low).toFixed(0)}–${(100 * high).toFixed(0)})`;
        values[i].textContent = s.raw[j] == null ? "–" : chart.show(s.raw[j]) + interval;
      });
    };

    const lone = x.length === 1;
    const u = new uPlot({
      width: plot.clientWidth || 380, height: chart.tall ? 270 : 150, padding: [8, 12, 0, 0],
      legend: { show: false }, bands,
      cursor: { sync: { key: sync.key }, drag: { x: true, y: false }, points: { size: 7 } },
      scales: {
        x: { time: false, range: (_, min, max) => (lone ? [x[0] - 1, x[0] + 1] : chart.stacked ? [min - .5, max + .5] : [min, max]) },
        y: chart.range ? { range: chart.range } : chart.zero ? { range: (_, min, max) => [0, max > 0 ? max * 1.12 : 1] } : {},
      },
      axes: [
        axis({ size: 28, space: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] }),
        axis({ size: 54, space: chart.tall ? 42 : 26, values: (_, ticks) => ticks.map((v) => (v == null ? "" : axisLabel(chart, v))) }),
      ],
      series: specs,
      hooks: {
        drawClear: chart.ships ? [shipLines] : [],
        draw: errorBars.length ? [intervals(errorBars)] : [],
        setCursor: [readout],
        ready: [readout],
      },
    }, data, plot);
    sync.sub(u);
    drawn.push({ u, plot });
  };

  const axisLabel = (chart, v) => {
    if (chart.show === percent) return +(100 * v).toFixed(2) + "%";
    const size = Math.abs(v);
    if (size >= 1e6) return +(v / 1e6).toFixed(1) + "M";
    if (size >= 1e4) return +(v / 1e3).toFixed(1) + "k";
    return size !== 0 && size < 1e-3 ? v.toExponential(0) : String(+v.toFixed(4));
  };

  const draw = () => {
    for (const { u } of drawn) { sync.unsub(u); u.destroy(); }
    drawn.length = 0;
    host.replaceChildren();
    charts.forEach(build);
  };

  draw();
  new ResizeObserver(() => {
    for (const { u, plot } of drawn) if (plot.clientWidth) u.setSize({ width: plot.clientWidth, height: u.height });
  }).observe(host);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
