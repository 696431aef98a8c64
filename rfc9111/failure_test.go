package rfc9111_test

import (
	"testing"

	"github.com/larder-go/larder/rfc9111"
)

func TestOnFailure(t *testing.T) {
	const (
		sie  = rfc9111.ReasonStaleIfError
		gone = rfc9111.ReasonDisconnected
	)
	for _, row := range []struct {
		rule, stored, request, after string
		status                       int
		action                       rfc9111.Action
		reason                       rfc9111.Reason
	}{
		{"RFC 5861 §4 500", "Cache-Control: max-age=60, stale-if-error=30", "", "89s", 500, serve, sie},
		{"RFC 5861 §4 502", "Cache-Control: max-age=60, stale-if-error=30", "", "89s", 502, serve, sie},
		{"RFC 5861 §4 503", "Cache-Control: max-age=60, stale-if-error=30", "", "89s", 503, serve, sie},
		{"RFC 5861 §4 504", "Cache-Control: max-age=60, stale-if-error=30", "", "89s", 504, serve, sie},
		{"RFC 5861 §4 no answer", "Cache-Control: max-age=60, stale-if-error=30", "", "89s", 0, serve, sie},
		{"RFC 5861 §4 never 404", "Cache-Control: max-age=60, stale-if-error=30", "", "89s", 404, fetch, stale},
		{"RFC 5861 §4 nor 501", "Cache-Control: max-age=60, stale-if-error=30", "", "89s", 501, fetch, stale},
		{"RFC 5861 §4 nor 429", "Cache-Control: max-age=60, stale-if-error=30", "", "89s", 429, fetch, stale},
		{"RFC 5861 §4 the window's end", "Cache-Control: max-age=60, stale-if-error=30", "", "90s", 503, fetch, stale},
		{"RFC 5861 §4 no directive", "Cache-Control: max-age=60", "", "61s", 503, fetch, stale},
		{"RFC 5861 §4 the request's directive", "Cache-Control: max-age=60", "Cache-Control: stale-if-error=30", "89s", 503, serve, sie},
		{"RFC 5861 §4 malformed", "Cache-Control: max-age=60, stale-if-error=x", "", "61s", 503, fetch, stale},
		{"RFC 5861 §4 beside no lifetime", `Cache-Control: stale-if-error=30 | ETag: "a"`, "", "10s", 503, serve, sie},

		{"§4.2.4 disconnected", "Cache-Control: max-age=60", "", "9000h", 0, serve, gone},
		{"§4.2.4 disconnected, by the validator alone", `ETag: "a"`, "", "9000h", 0, serve, gone},
		{"§4.2.1 never meant to be reused", "X: y", "", "", 0, fetch, unknown},
		{"§5.2.2.2 must-revalidate", "Cache-Control: max-age=60, stale-if-error=30, must-revalidate", "", "61s", 503, fetch, mustReval},
		{"§5.2.2.2 must-revalidate, disconnected", "Cache-Control: max-age=60, must-revalidate", "", "61s", 0, fetch, mustReval},
		{"§5.2.2.4 no-cache", "Cache-Control: max-age=60, stale-if-error=30, no-cache", "", "61s", 0, fetch, noCache},
		{"§5.2.1.4 the request's no-cache", "Cache-Control: max-age=60, stale-if-error=30", "Cache-Control: no-cache", "61s", 0, fetch, reqNoCache},
		{"§5.4 the request's Pragma", "Cache-Control: max-age=60, stale-if-error=30", "Pragma: no-cache", "61s", 0, fetch, reqPragma},
		{"§5.2.1.1 the request's max-age", "Cache-Control: max-age=60, stale-if-error=30", "Cache-Control: max-age=60", "61s", 0, fetch, tooStale},
		{"§5.2.1.2 the request's max-stale", "Cache-Control: max-age=60, stale-if-error=30", "Cache-Control: max-stale=10", "71s", 503, fetch, tooStale},
		{"§5.2.1.2 within max-stale", "Cache-Control: max-age=60, stale-if-error=30", "Cache-Control: max-stale=10", "70s", 503, serve, sie},
		{"§5.2.1.3 the request's min-fresh", "Cache-Control: max-age=60, stale-if-error=30", "Cache-Control: min-fresh=1", "61s", 503, fetch, tooStale},
		{"§3.3 a range", "Cache-Control: max-age=60, stale-if-error=30", "Range: bytes=0-1", "61s", 503, fetch, rfc9111.ReasonRange},
	} {
		d := private.OnFailure(request(t, row.request), stored(t, row.stored), row.status, start.Add(span(t, row.after)))
		if d.Action != row.action || d.Reason != row.reason {
			t.Errorf("%s: %s after %s and %d, request %q: got %v, because %v; want %v, because %v",
				row.rule, row.stored, row.after, row.status, row.request, d.Action, d.Reason, row.action, row.reason)
		}
	}
}
