package httpfield_test

import (
	"testing"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
)

func BenchmarkDirectives(b *testing.B) {
	lines := []string{"private, max-age=600"}
	b.ReportAllocs()
	for b.Loop() {
		for ds := httpfield.NewDirectives(lines); ds.Next(); {
			if ds.Is("max-age") {
				ds.Seconds()
			}
		}
	}
}

func BenchmarkParseDate(b *testing.B) {
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		httpfield.ParseDate("Sun, 06 Nov 1994 08:49:37 GMT", now)
	}
}

func BenchmarkAcceptable(b *testing.B) {
	lines := []string{"gzip, deflate, br"}
	b.ReportAllocs()
	for b.Loop() {
		httpfield.Acceptable("gzip", lines)
	}
}
