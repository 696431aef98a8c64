package rfc9111_test

import (
	"bufio"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// header reads field lines as net/http would, and takes what it would not.
func header(lines string) http.Header {
	h, err := textproto.NewReader(bufio.NewReader(strings.NewReader(lines + "\r\n\r\n"))).ReadMIMEHeader()
	if err == nil {
		return http.Header(h)
	}
	out := http.Header{}
	for line := range strings.SplitSeq(lines, "\n") {
		name, value, _ := strings.Cut(line, ":")
		out.Add(name, strings.TrimSpace(value))
	}
	return out
}

var headSeeds = []string{
	"Cache-Control: max-age=600\nDate: Tue, 24 Nov 2026 09:00:00 GMT\nAge: 5\nETag: \"a\"",
	"Cache-Control: private=\"a, b\", max-age=\"60\", must-revalidate\nVary: Accept, Cookie\nVary: *",
	"Expires: 0\nDate: Sunday, 06-Nov-94 08:49:37 GMT\nLast-Modified: Sun Nov  6 08:49:37 1994",
	"Expires: Thu, 31 Dec 9999 23:59:59 GMT\nAge: 99999999999999999999, 0",
	"Cache-Control: max-age=1; no-store\nConnection: Cache-Control, close\nPragma: no-cache",
	"Cache-Control: s-maxage=5, proxy-revalidate, max-age=600, stale-if-error=60\nAuthorization: x\nDate: Tue, 24 Nov 2026 09:00:00 GMT",
	"Cache-Control: public, private=\"Set-Cookie\", s-maxage=x\nContent-Length: 5\nLast-Modified: Tue, 24 Nov 2026 08:00:00 GMT",
	"Cache-Control: a=\"b, public\nETag: W/\"\nETag: \"x\"",
	"cache-control: no-store, must-understand\nCache-Control: stale-if-error=99999999999, stale-while-revalidate=1",
	"", ":", "\x00: \xff", "Cache-Control: \"", "Date: \nExpires: ",
}

func FuzzRules(f *testing.F) {
	for i, head := range headSeeds {
		f.Add("GET", "Cache-Control: max-stale=5, min-fresh=1\nIf-None-Match: \"a\", *", head, 200+i*50, int64(time.Minute))
		f.Add("POST", head, headSeeds[len(headSeeds)-1-i], 304, int64(-1<<63))
	}
	f.Fuzz(func(t *testing.T, method, asked, head string, status int, after int64) {
		now := start.Add(time.Duration(after))
		req := &http.Request{Method: method, URL: &url.URL{Scheme: "http", Host: "h", Path: "/"}, Header: header(asked)}
		resp := &http.Response{StatusCode: status, Header: header(head)}
		rec := &record.Record{StatusCode: status, Header: rfc9111.EndToEnd(resp.Header), ResponseTime: start, Elapsed: time.Duration(after)}
		rec.Request.Header = req.Header
		recs := []*record.Record{rec, nil, rec}

		store, _ := private.Storable(req, resp, start)
		d := private.Decide(req, recs[:1], now)
		private.Decide(req, recs, now)
		rfc9111.Conditional(req, recs)
		rfc9111.Selected(recs, resp)
		rfc9111.Selectors(resp)
		rfc9111.NotModified(req, rec)
		rfc9111.Invalidates(req, resp)
		rfc9111.Public(resp.Header)
		private.FreshUntil(rec)
		private.RetainUntil(rec)
		rfc9111.Freshen(rec, resp, start, now)
		if next, ok := rfc9111.FreshenByHead(rec, resp, start, now); ok != (next != nil) {
			t.Errorf("%v, %v", next, ok)
		}

		if rfc9111.Age(rec, now) < 0 || d.Age < 0 || d.Lifetime < 0 {
			t.Errorf("negative: %+v", d)
		}
		strict(t, req, rec, now, store)
		stricter(t, req, rec, now)
		sharedForbids(t, req, rec, now)
	})
}

// controlled is a copy of rec with a further line of Cache-Control before those that it has.
func controlled(rec *record.Record, line string) *record.Record {
	next := *rec
	next.Header = rec.Header.Clone()
	if next.Header == nil {
		next.Header = http.Header{}
	}
	next.Header["Cache-Control"] = append([]string{line}, next.Header["Cache-Control"]...)
	return &next
}

// strict holds the rules to it that a further line can forbid, whatever stands before it.
func strict(t *testing.T, req *http.Request, rec *record.Record, now time.Time, store bool) {
	with := func(line string) *record.Record { return controlled(rec, line) }
	if d := private.Decide(req, []*record.Record{with("no-cache")}, now); d.Action == rfc9111.Serve {
		t.Errorf("served against no-cache: %+v", d)
	}
	if d := private.Decide(req, []*record.Record{with("max-age=0, must-revalidate")}, now); d.Action == rfc9111.Serve {
		t.Errorf("served though stale: %+v", d)
	}
	lifetime, why := private.Lifetime(rec)
	if capped, _ := private.Lifetime(with("max-age=5")); capped > 5*time.Second {
		t.Errorf("max-age=5 gives %v", capped)
	} else if why == rfc9111.ReasonMaxAge && capped > lifetime {
		t.Errorf("a second max-age made %v out of %v", capped, lifetime)
	}
	forbidden := &http.Response{StatusCode: rec.StatusCode, Header: with("no-store").Header}
	if ok, _ := private.Storable(req, forbidden, start); ok && !strings.Contains(strings.ToLower(strings.Join(rec.Header["Cache-Control"], ",")), "must-understand") {
		t.Errorf("stored against no-store (and without it: %v)", store)
	}
}

func FuzzEndToEnd(f *testing.F) {
	for _, head := range headSeeds {
		f.Add(head)
	}
	f.Fuzz(func(t *testing.T, head string) {
		h := header(head)
		out := rfc9111.EndToEnd(h)
		for _, name := range []string{"Connection", "Te", "Upgrade", "Proxy-Authorization"} {
			if _, ok := out[name]; ok {
				t.Errorf("%q keeps %s", head, name)
			}
		}
		if len(h["Cache-Control"]) > len(out["Cache-Control"]) {
			t.Errorf("%q loses Cache-Control", head)
		}
	})
}
