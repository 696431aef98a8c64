package httpfield_test

import (
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
)

// A field of 256 KiB takes no more than its time, however its quotes, commas and keys lie.
func TestLongFieldsTakeLinearTime(t *testing.T) {
	const size = 1 << 18
	began := time.Now()
	for _, piece := range []string{`"`, `\"`, `\",`, `"\",`, `a="\",`, `a="\"`, ";a", ";", ",", "a,", `"a",`, `W/"`, "(", "(a ", " a", "a;b;", " ", "\t", "9", ":", "%", "*,"} {
		s := strings.Repeat(piece, size/len(piece))
		for _, line := range []string{s, `"` + s, "a" + s, `a="` + s} {
			lines := []string{line}
			for range httpfield.Members(lines) {
			}
			for ds := httpfield.NewDirectives(lines); ds.Next(); {
				ds.Seconds()
			}
			for range httpfield.Tags(lines) {
			}
			httpfield.HasDirective(lines, "no-store")
			httpfield.Acceptable("gzip", lines)
			httpfield.VaryNames(lines)
			httpfield.TagOf(lines)
			httpfield.ParseDate(line, began)
			httpfield.ParseSeconds(line)
			httpfield.ParseItem(lines)
			httpfield.ParseList(lines)
			httpfield.ParseDictionary(lines)
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}
