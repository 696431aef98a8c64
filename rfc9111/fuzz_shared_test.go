package rfc9111_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// answers reports whether what is stored is the answer.
func answers(d rfc9111.Decision) bool {
	return d.Action == rfc9111.Serve || d.Action == rfc9111.Refresh
}

// stricter holds a shared cache to it that it allows nothing which a private one forbids, s-maxage apart.
func stricter(t *testing.T, req *http.Request, rec *record.Record, now time.Time) {
	if strings.Contains(strings.ToLower(strings.Join(rec.Header["Cache-Control"], "\n")), "s-maxage") {
		return
	}
	if s, p := shared.FreshUntil(rec), private.FreshUntil(rec); s.After(p) {
		t.Errorf("shared: fresh until %v, private: %v", s, p)
	}
	if s, p := shared.RetainUntil(rec), private.RetainUntil(rec); s.After(p) {
		t.Errorf("shared: kept until %v, private: %v", s, p)
	}
	s, _ := shared.Lifetime(rec)
	if p, _ := private.Lifetime(rec); s != p {
		t.Errorf("shared: lifetime %v, private: %v", s, p)
	}
	resp := &http.Response{StatusCode: rec.StatusCode, Header: rec.Header}
	if ok, _ := shared.Storable(req, resp, start); ok {
		if ok, why := private.Storable(req, resp, start); !ok {
			t.Errorf("a shared cache stores what a private one does not: %v", why)
		}
	}
	recs := []*record.Record{rec}
	if s, p := shared.Decide(req, recs, now), private.Decide(req, recs, now); answers(s) && !answers(p) {
		t.Errorf("shared: %+v, private: %+v", s, p)
	}
	for _, status := range []int{0, 503, 404} {
		if s, p := shared.OnFailure(req, rec, status, now), private.OnFailure(req, rec, status, now); answers(s) && !answers(p) {
			t.Errorf("after %d, shared: %+v, private: %+v", status, s, p)
		}
	}
}

// sharedForbids holds a shared cache to what a further line forbids it, whatever stands behind that.
func sharedForbids(t *testing.T, req *http.Request, rec *record.Record, now time.Time) {
	for _, line := range []string{"proxy-revalidate", "s-maxage=5", "s-maxage=x"} {
		for _, status := range []int{0, 500, 503} {
			if d := shared.OnFailure(req, controlled(rec, line), status, now); answers(d) {
				t.Errorf("after %d, against %s: %+v", status, line, d)
			}
		}
		d := shared.Decide(req, []*record.Record{controlled(rec, line)}, now)
		if answers(d) && !d.Fresh() {
			t.Errorf("stale against %s: %+v", line, d)
		}
		if line != "proxy-revalidate" && d.Lifetime > 5*time.Second {
			t.Errorf("%s gives %v", line, d.Lifetime)
		}
	}
	foreign := controlled(rec, `private="X"`)
	if d := shared.Decide(req, []*record.Record{foreign}, now); answers(d) || d.Action == rfc9111.Validate {
		t.Errorf("against private: %+v", d)
	}
	if d := shared.OnFailure(req, foreign, 0, now); answers(d) {
		t.Errorf("disconnected, against private: %+v", d)
	}
	if ok, _ := shared.Storable(req, &http.Response{StatusCode: rec.StatusCode, Header: foreign.Header}, start); ok {
		t.Error("stored against private")
	}
	if ok, _ := shared.Admits(rec); !ok {
		if d := shared.Decide(req, []*record.Record{rec}, now); answers(d) {
			t.Errorf("not admitted, and yet: %+v", d)
		}
	}
}
