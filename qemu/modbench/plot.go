package main

import (
	"fmt"
	"math"
	"strings"
)

func colours() []string {
	return []string{"#444444", "#999999", "#c0392b", "#2980b9", "#27ae60", "#8e44ad", "#e67e22", "#16a085"}
}

// The plot's area, in its own units.
const (
	plotWidth, plotHeight = 480, 320
	plotLeft, plotTop     = 80, 40
)

// plot draws what a packet costs against how many come at once, both on
// logarithmic scales.
func (r *results) plot(s settings) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="11">`+"\n",
		plotLeft+plotWidth+170, plotTop+plotHeight+50)
	b.WriteString(`<rect width="100%" height="100%" fill="white"/>` + "\n")
	title := "instructions a packet, by packets at once"
	if s.time {
		title = "nanoseconds a packet, by packets at once"
	}
	fmt.Fprintf(&b, `<g transform="translate(%d %d)"><rect width="%d" height="%d" fill="none" stroke="black"/><text x="4" y="-8">%s</text>`+"\n",
		plotLeft, plotTop, plotWidth, plotHeight, title)
	low, high := r.decades()
	for d := low; d <= high; d++ {
		y := yOf(math.Pow10(d), low, high)
		fmt.Fprintf(&b, `<line x1="0" x2="%d" y1="%.1f" y2="%.1[2]f" stroke="#ddd"/><text x="-8" y="%.1[2]f" text-anchor="end">%g</text>`+"\n", plotWidth, y, math.Pow10(d))
	}
	for _, burst := range bursts() {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%d</text>`+"\n", xOf(burst), plotHeight+16, burst)
	}
	for i, c := range scenarios() {
		r.line(&b, i, c.name, low, high)
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

// line draws a case and its row in the legend.
func (r *results) line(b *strings.Builder, i int, name string, low, high int) {
	var points []string
	for _, burst := range bursts() {
		points = append(points, fmt.Sprintf("%.1f,%.1f", xOf(burst), yOf(r.of(name, burst), low, high)))
	}
	colour, y := colours()[i%len(colours())], 10+18*i
	fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), colour)
	fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%d" y2="%[3]d" stroke="%s" stroke-width="2"/><text x="%d" y="%d">%s</text>`+"\n",
		plotWidth+12, plotWidth+36, y, colour, plotWidth+42, y+4, name)
}

// decades gives the powers of ten around all figures.
func (r *results) decades() (low, high int) {
	least, most := math.Inf(1), 0.0
	for k := range r.cost {
		x := r.of(k.name, k.burst)
		least, most = min(least, x), max(most, x)
	}
	return int(math.Floor(math.Log10(least))), int(math.Ceil(math.Log10(most)))
}

func xOf(burst int) float64 {
	all := bursts()
	return math.Log2(float64(burst)) / math.Log2(float64(all[len(all)-1])) * plotWidth
}

func yOf(cost float64, low, high int) float64 {
	return plotHeight * (float64(high) - math.Log10(cost)) / float64(high-low)
}
