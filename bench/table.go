package main

import (
	"fmt"
	"io"
	"time"
)

const columns = "%-18s %10s %9s %10s %9s %7s %6s  %s\n"

func printHead(out io.Writer) {
	fmt.Fprintf(out, columns, "row", "larder", "allocs", "against", "allocs", "ratio", "aim", "what")
}

// printRow prints figures, or why there are none.
func printRow(out io.Writer, r row, f figures, err error) {
	aim, ratio := "", "-"
	if r.aim > 0 {
		aim = fmt.Sprintf("%.2f", r.aim)
	}
	what := r.what + ", against " + r.theirs.name
	if err != nil {
		fmt.Fprintf(out, columns, r.name, "-", "-", "-", "-", ratio, aim, what+": "+err.Error())
		return
	}
	ours := fmt.Sprint(f.ours.allocs)
	if r.allocs > 0 {
		ours = fmt.Sprintf("%d/%d", f.ours.allocs, r.allocs)
	}
	ratio = fmt.Sprintf("%.2f", f.ratio)
	fmt.Fprintf(out, columns, r.name, r.amount(f.ours), ours, r.amount(f.theirs), fmt.Sprint(f.theirs.allocs), ratio, aim, what)
}

// amount is a time, or the speed of a download.
func (r row) amount(f figure) string {
	if r.size > 0 {
		return fmt.Sprintf("%.0f MB/s", float64(r.size)/f.nanoseconds*1e9/1e6)
	}
	switch d := time.Duration(f.nanoseconds); {
	case d < time.Millisecond:
		return fmt.Sprintf("%.2f µs", f.nanoseconds/1e3)
	case d < time.Second:
		return fmt.Sprintf("%.2f ms", f.nanoseconds/1e6)
	}
	return fmt.Sprintf("%.2f s", f.nanoseconds/1e9)
}
