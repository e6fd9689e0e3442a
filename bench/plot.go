package main

import (
	"fmt"
	"math"
	"strings"
)

var colours = []string{"#444444", "#999999", "#c0392b", "#2980b9", "#27ae60", "#8e44ad", "#e67e22", "#16a085", "#d35400"}

// plot draws CPU time a route against the table's size, both on logarithmic
// scales, a panel for each operation.
func (r *results) plot() string {
	const width, height, gap = 360, 260, 60
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="11">`+"\n",
		2*(width+gap)+180, 2*(height+gap)+20)
	b.WriteString(`<rect width="100%" height="100%" fill="white"/>` + "\n")
	for i, op := range ops {
		x0, y0 := float64(gap+i%2*(width+gap)), float64(30+i/2*(height+gap))
		r.panel(&b, op, x0, y0, width, height)
	}
	for i, tool := range r.tools() {
		y := 40 + 18*i
		fmt.Fprintf(&b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" stroke-width="2"/><text x="%d" y="%d">%s</text>`+"\n",
			2*(width+gap)+10, y, 2*(width+gap)+34, y, colours[i%len(colours)], 2*(width+gap)+40, y+4, tool)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// The scales: 1 to 1e6 routes and 0.05 to 50 microseconds a route.
func xOf(n int, width float64) float64 { return (math.Log10(float64(n)) - 3) / 3 * width }
func yOf(us, height float64) float64 {
	return height - (math.Log10(math.Max(us, 0.05))-math.Log10(0.05))/3*height
}

func (r *results) panel(b *strings.Builder, op string, x0, y0, width, height float64) {
	fmt.Fprintf(b, `<g transform="translate(%g %g)"><rect width="%g" height="%g" fill="none" stroke="black"/><text x="4" y="-6">%s: CPU, microseconds a route</text>`+"\n",
		x0, y0, width, height, op)
	for _, us := range []float64{0.05, 0.5, 5, 50} {
		fmt.Fprintf(b, `<line x1="0" x2="%g" y1="%g" y2="%[2]g" stroke="#ddd"/><text x="-30" y="%[2]g">%g</text>`+"\n", width, yOf(us, height), us)
	}
	for _, n := range r.sizes() {
		fmt.Fprintf(b, `<text x="%g" y="%g" text-anchor="middle">%d</text>`+"\n", xOf(n, width), height+16, n)
	}
	for i, tool := range r.tools() {
		var points []string
		for _, n := range r.sizes() {
			if us, _, ok := r.cpu(op, tool, n); ok {
				points = append(points, fmt.Sprintf("%.1f,%.1f", xOf(n, width), yOf(us/float64(n), height)))
			}
		}
		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), colours[i%len(colours)])
	}
	b.WriteString("</g>\n")
}
