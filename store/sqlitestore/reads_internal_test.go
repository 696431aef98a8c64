package sqlitestore

import (
	"fmt"
	"testing"
	"time"
)

func TestNotesOncePerGroupAndHour(t *testing.T) {
	r := newReads()
	now := time.Now()
	notes := func() (n int) {
		for {
			taken := len(r.take())
			if n += taken; taken == 0 {
				return n
			}
		}
	}
	for minute := range 600 {
		r.note("g", now.Add(time.Duration(minute)*time.Minute))
	}
	if n := notes(); n != 10 {
		t.Errorf("%d notes in ten hours, want 10", n)
	}
	r.wrote("h", now.Add(10*time.Hour))
	if r.note("h", now.Add(10*time.Hour+time.Minute)); notes() != 0 {
		t.Error("a group that was just written was noted")
	}
	for i := range 1000 {
		r.note(fmt.Sprint(i), now.Add(10*time.Hour))
	}
	if n := notes(); n != 1000 {
		t.Errorf("%d notes, want 1000", n)
	}
	if r.note("g", now.Add(20*time.Hour)); len(r.last) != 1 {
		t.Errorf("%d groups are remembered after hours, want one", len(r.last))
	}
	allocs := testing.AllocsPerRun(100, func() { r.note("g", now.Add(20*time.Hour)) })
	if allocs != 0 {
		t.Errorf("%v allocations for a note that is there", allocs)
	}
}
