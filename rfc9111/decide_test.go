package rfc9111_test

import (
	"testing"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// use is a row: a stored response, a request that comes after some time, and what is done.
type use struct {
	rule    string
	stored  string
	request string
	after   string
	action  rfc9111.Action
	reason  rfc9111.Reason
}

func (u use) test(t *testing.T) {
	t.Helper()
	d := private.Decide(request(t, u.request), []*record.Record{stored(t, u.stored)}, start.Add(span(t, u.after)))
	if d.Action != u.action || d.Reason != u.reason {
		t.Errorf("%s\n  stored  %s\n  request %s after %s\n  got  %v, because %v (age %v, lifetime %v)\n  want %v, because %v",
			u.rule, u.stored, u.request, u.after, d.Action, d.Reason, d.Age, d.Lifetime, u.action, u.reason)
	}
}

const (
	serve    = rfc9111.Serve
	validate = rfc9111.Validate
	fetch    = rfc9111.Fetch
	fail     = rfc9111.Fail
	refresh  = rfc9111.Refresh

	fresh      = rfc9111.ReasonFresh
	stale      = rfc9111.ReasonStale
	swr        = rfc9111.ReasonStaleWhileRevalidate
	unknown    = rfc9111.ReasonUnknownFreshness
	noCache    = rfc9111.ReasonNoCache
	mustReval  = rfc9111.ReasonStaleMustRevalidate
	maxStale   = rfc9111.ReasonMaxStale
	tooStale   = rfc9111.ReasonTooStale
	reqNoCache = rfc9111.ReasonRequestNoCache
	reqPragma  = rfc9111.ReasonRequestPragma
	reqMaxAge  = rfc9111.ReasonRequestMaxAge
	minFresh   = rfc9111.ReasonRequestMinFresh
)

func TestFreshness(t *testing.T) {
	for _, row := range []use{
		{"§4.2 fresh while the lifetime is longer than the age", "Cache-Control: max-age=60", "", "59s", serve, fresh},
		{"§4.2 stale when they are equal", "Cache-Control: max-age=60", "", "60s", fetch, stale},
		{"§4.2 stale with a validator", `Cache-Control: max-age=60 | ETag: "a"`, "", "60s", validate, stale},
		{"§4.2.1 neither freshness nor validator", "X: y", "", "", fetch, unknown},
		{"§4.2.1 nor with max-stale", "X: y", "Cache-Control: max-stale", "", fetch, unknown},
		{"§4.2.1 a validator alone", `ETag: "a"`, "", "", validate, unknown},
		{"§4.2.1 a malformed validator is none", `ETag: a | Last-Modified: yesterday`, "", "", fetch, unknown},

		{"§5.2 names in any case", "Cache-Control: MAX-AGE=600", "", "10s", serve, fresh},
		{"§5.2 quoted argument", `Cache-Control: max-age="600"`, "", "10s", serve, fresh},
		{"§5.2 several lines", "Cache-Control: private | Cache-Control: max-age=600", "", "10s", serve, fresh},
		{"§5.2.3 unknown directives are ignored", "Cache-Control: foo, max-age=600, bar=\"x, y\"", "", "10s", serve, fresh},
		{"§5.2 a directive inside a quoted string is none", `Cache-Control: x="max-age=600", max-age=1`, "", "10s", fetch, stale},
		{"§5.2 nor after it", `Cache-Control: max-age=1, x="max-age=600"`, "", "10s", fetch, stale},
		{"§1.2.2 leading zeros", "Cache-Control: max-age=00600", "", "10s", serve, fresh},
		{"§1.2.2 2^31", "Cache-Control: max-age=2147483648", "", "8760h", serve, fresh},
		{"§1.2.2 overflow", "Cache-Control: max-age=99999999999999999999", "", "8760h", serve, fresh},

		{"§4.2.1 two max-age, the smaller last", "Cache-Control: max-age=600, max-age=1", "", "10s", fetch, stale},
		{"§4.2.1 two max-age, the smaller first", "Cache-Control: max-age=1 | Cache-Control: max-age=600", "", "10s", fetch, stale},
		{"§4.2.1 one of two malformed", "Cache-Control: max-age=600, max-age=x", "", "", fetch, stale},
		{"§4.2.1 negative", "Cache-Control: max-age=-1", "", "", fetch, stale},
		{"§4.2.1 decimal", "Cache-Control: max-age=600.0", "", "", fetch, stale},
		{"§4.2.1 single quotes", "Cache-Control: max-age='600'", "", "", fetch, stale},
		{"§4.2.1 letters", "Cache-Control: max-age=600s", "", "", fetch, stale},
		{"§4.2.1 no argument", "Cache-Control: max-age", "", "", fetch, stale},
		{"§4.2.1 space before =", "Cache-Control: max-age =600", "", "", fetch, stale},
		{"§4.2.1 space after =", "Cache-Control: max-age= 600", "", "", fetch, stale},
		{"§4.2.1 a parameter", "Cache-Control: max-age=600;x=1", "", "", fetch, stale},
		{"§4.2.1 after a space", "Cache-Control: private max-age=600", "", "", fetch, stale},
		{"§4.2.1 after a semicolon", "Cache-Control: private; max-age=600", "", "", fetch, stale},
		{"§4.2.1 after an open quote", `Cache-Control: a="b, max-age=600`, "", "", fetch, stale},
		{"§4.2.1 malformed beats Expires and heuristics", "Cache-Control: max-age=x | Date: {0} | Expires: {1h} | Last-Modified: {-10d}", "", "", validate, stale},
		{"§5.2.2.1 0", "Cache-Control: max-age=0", "", "", fetch, stale},

		{"§5.2.2.10 s-maxage is for shared caches", "Cache-Control: s-maxage=600, max-age=1", "", "10s", fetch, stale},
		{"§5.2.2.10 and no lifetime here", "Cache-Control: s-maxage=600", "", "", fetch, unknown},
		{"§5.3 s-maxage leaves Expires to a private cache", "Cache-Control: s-maxage=1 | Date: {0} | Expires: {60s}", "", "59s", serve, fresh},
		{"§4.2.1 malformed s-maxage is nothing to a private cache", "Cache-Control: s-maxage=x, max-age=60", "", "59s", serve, fresh},
		{"§4.2.1 an empty argument", `Cache-Control: max-age=""`, "", "", fetch, stale},
		{"§4.2.1 space inside quotes", `Cache-Control: max-age=" 600"`, "", "", fetch, stale},
		{"§4.2.1 a sign", "Cache-Control: max-age=+600", "", "", fetch, stale},
		{"§4.2.1 hexadecimal", "Cache-Control: max-age=0x600", "", "", fetch, stale},
		{"§5.3 invalid: two in one line", "Date: {0} | Expires: {1h}, {1h}", "", "", fetch, stale},
		{"§5.3 invalid: an offset", "Date: {0} | Expires: Thu, 18 Aug 2050 02:01:18 +0000", "", "", fetch, stale},
		{"§5.3 invalid: no weekday", "Date: {0} | Expires: 18 Aug 2050 02:01:18 GMT", "", "", fetch, stale},
		{"§5.3 invalid: a two-digit year", "Date: {0} | Expires: Thu, 18 Aug 50 02:01:18 GMT", "", "", fetch, stale},
		{"§5.3 the three formats, asctime", "Date: {0} | Expires: Thu Aug 18 02:01:18 2050", "", "24h", serve, fresh},
		{"§5.3 Expires", "Date: {0} | Expires: {60s}", "", "59s", serve, fresh},
		{"§5.3 Expires is past", "Date: {0} | Expires: {60s}", "", "60s", fetch, stale},
		{"§5.3 max-age beats a past Expires", "Cache-Control: max-age=60 | Date: {0} | Expires: {-1h}", "", "59s", serve, fresh},
		{"§5.3 max-age beats an invalid Expires", "Cache-Control: max-age=60 | Expires: 0", "", "59s", serve, fresh},
		{"§5.3 max-age=0 beats a future Expires", "Cache-Control: max-age=0 | Date: {0} | Expires: {1h}", "", "", fetch, stale},
		{"§5.3 invalid: 0", "Date: {0} | Expires: 0", "", "", fetch, stale},
		{"§5.3 invalid: -1", "Date: {0} | Expires: -1", "", "", fetch, stale},
		{"§5.3 invalid: empty", "Date: {0} | Expires: ", "", "", fetch, stale},
		{"§5.3 invalid: another zone", "Date: {0} | Expires: Thu, 18 Aug 2050 02:01:18 UTC", "", "", fetch, stale},
		{"§5.3 invalid beats heuristics", "Date: {0} | Expires: 0 | Last-Modified: {-10d}", "", "", validate, stale},
		{"§5.3 the three formats", "Date: {0} | Expires: Thursday, 18-Aug-50 02:01:18 GMT", "", "24h", serve, fresh},
		{"§4.2 in any case", "Date: {0} | Expires: THU, 18 AUG 2050 02:01:18 gmt", "", "24h", serve, fresh},
		{"§4.2.1 two Expires: the earlier", "Date: {0} | Expires: {1h} | Expires: {1s}", "", "10s", fetch, stale},
		{"§4.2.1 two Expires, one invalid", "Date: {0} | Expires: {1h} | Expires: 0", "", "", fetch, stale},
		{"§4.2.1 Expires without Date", "Expires: {60s}", "", "59s", serve, fresh},
		{"§4.2.1 Expires before a Date in the future", "Date: {2h} | Expires: {1h}", "", "", fetch, stale},
		{"§4.2.1 Expires after a Date in the future lasts no longer than the difference", "Date: {10d} | Expires: {10d}", "", "", fetch, stale},
		{"§5.4 Pragma in a response means nothing", "Pragma: no-cache | Cache-Control: max-age=60", "", "", serve, fresh},
	} {
		row.test(t)
	}
}

func TestHeuristics(t *testing.T) {
	for _, row := range []use{
		{"§4.2.2 a tenth", "Date: {0} | Last-Modified: {-10h}", "", "59m", serve, fresh},
		{"§4.2.2 a tenth, no more", "Date: {0} | Last-Modified: {-10h}", "", "60m", validate, stale},
		{"§4.2.2 at most a day", "Date: {0} | Last-Modified: {-1000d}", "", "24h", validate, stale},
		{"§4.2.2 the status allows it", "404 | Date: {0} | Last-Modified: {-10h}", "", "1m", serve, fresh},
		{"§4.2.2 a redirect does not last for ever", "301 | Date: {0}", "", "", fetch, unknown},
		{"§4.2.2 the status does not allow it", "500 | Date: {0} | Last-Modified: {-10h}", "", "", validate, unknown},
		{"§4.2.2 nor 302", "302 | Date: {0} | Last-Modified: {-10h}", "", "", validate, unknown},
		{"§4.2.2 public allows it", "599 | Cache-Control: public | Date: {0} | Last-Modified: {-10h}", "", "1m", serve, fresh},
		{"§4.2.2 not where it stands in doubt", "599 | Cache-Control: a; public | Date: {0} | Last-Modified: {-10h}", "", "1m", validate, unknown},
		{"§4.2.2 modified in the future", "Date: {0} | Last-Modified: {10h}", "", "", validate, unknown},
		{"§4.2.2 a Date in the future does not lengthen it", "Date: {100d} | Last-Modified: {-10h}", "", "1h", validate, stale},
		{"§4.2.2 two different Last-Modified are none", "Date: {0} | Last-Modified: {-10d} | Last-Modified: {-9d}", "", "", fetch, unknown},
		{"§4.2.2 without Date", "Last-Modified: {-10h}", "", "59m", serve, fresh},
		{"§5.4 Pragma: no-cache: nobody should guess", "Pragma: no-cache | Date: {0} | Last-Modified: {-10h}", "", "", validate, unknown},
		{"§4.2.2 with a query: as any other", "Date: {0} | Last-Modified: {-10h}", "", "1m", serve, fresh},
	} {
		row.test(t)
	}
}

func TestResponseDirectives(t *testing.T) {
	const etag = ` | ETag: "a"`
	for _, row := range []use{
		{"§5.2.2.4 no-cache", "Cache-Control: no-cache, max-age=600" + etag, "", "", validate, noCache},
		{"§5.2.2.4 in any case", "Cache-Control: max-age=600, No-CaChE" + etag, "", "", validate, noCache},
		{"§5.2.2.4 without a validator", "Cache-Control: no-cache, max-age=600", "", "", fetch, noCache},
		{"§5.2.2.4 with a field list, read strictly", `Cache-Control: no-cache="Set-Cookie", max-age=600` + etag, "", "", validate, rfc9111.ReasonNoCacheFields},
		{"§5.2.2.4 with a field list, without quotes", `Cache-Control: no-cache=Set-Cookie, max-age=600` + etag, "", "", validate, rfc9111.ReasonNoCacheFields},
		{"§5.2.2.4 with an empty one", `Cache-Control: no-cache="", max-age=600` + etag, "", "", validate, rfc9111.ReasonNoCacheFields},
		{"§5.2.2.4 behind a semicolon", "Cache-Control: max-age=600; no-cache" + etag, "", "", validate, noCache},
		{"§5.2.2.4 beats max-stale", "Cache-Control: no-cache, max-age=600" + etag, "Cache-Control: max-stale", "", validate, noCache},
		{"§5.2.2.5 no-store, brought by a 304", "Cache-Control: no-store, max-age=600" + etag, "", "", validate, rfc9111.ReasonNoStore},
		{"§5.2.2.3 must-understand lets no-store be ignored", "Cache-Control: no-store, must-understand, max-age=600", "", "", serve, fresh},
		{"§5.2.2.3 where the status code is understood", "299 | Cache-Control: no-store, must-understand, max-age=600", "", "", fetch, rfc9111.ReasonNoStore},
		{"§5.2.2.2 must-revalidate, fresh", "Cache-Control: must-revalidate, max-age=600" + etag, "", "", serve, fresh},
		{"§5.2.2.2 must-revalidate, stale", "Cache-Control: must-revalidate, max-age=600" + etag, "", "600s", validate, mustReval},
		{"§5.2.2.2 beats max-stale", "Cache-Control: must-revalidate, max-age=600" + etag, "Cache-Control: max-stale", "600s", validate, mustReval},
		{"§5.2.2.2 beats max-stale with a value", "Cache-Control: max-age=600, Must-Revalidate", "Cache-Control: max-stale=1000", "600s", fetch, mustReval},
		{"§5.2.2.8 proxy-revalidate is for shared caches", "Cache-Control: proxy-revalidate, max-age=600", "Cache-Control: max-stale", "600s", serve, maxStale},
		{"§5.2.2.7 private", "Cache-Control: private, max-age=600", "", "", serve, fresh},
		{"§5.2.2.7 private with fields", `Cache-Control: private="Set-Cookie", max-age=600`, "", "", serve, fresh},
		{"RFC 8246 §2 immutable, fresh", "Cache-Control: immutable, max-age=600" + etag, "", "599s", serve, fresh},
		{"RFC 8246 §2 immutable keeps nothing fresh", "Cache-Control: immutable, max-age=600" + etag, "", "600s", validate, stale},
		{"RFC 8246 §2 nor against the caller", "Cache-Control: immutable, max-age=600" + etag, "Cache-Control: no-cache", "", validate, reqNoCache},
		{"RFC 5861 §3 stale within the window", "Cache-Control: max-age=600, stale-while-revalidate=60" + etag, "", "659s", refresh, swr},
		{"RFC 5861 §3 a validator is not needed", "Cache-Control: max-age=600, stale-while-revalidate=60", "", "600s", refresh, swr},
		{"RFC 5861 §3 the window's end", "Cache-Control: max-age=600, stale-while-revalidate=60" + etag, "", "660s", validate, stale},
		{"RFC 5861 §3 the smaller of two", "Cache-Control: max-age=600, stale-while-revalidate=60, stale-while-revalidate=6" + etag, "", "606s", validate, stale},
		{"RFC 5861 §3 malformed", "Cache-Control: max-age=600, stale-while-revalidate=x" + etag, "", "600s", validate, stale},
		{"RFC 5861 §3 not with must-revalidate", "Cache-Control: max-age=600, stale-while-revalidate=60, must-revalidate" + etag, "", "600s", validate, mustReval},
		{"RFC 5861 §3 not with no-cache", "Cache-Control: max-age=600, stale-while-revalidate=60, no-cache" + etag, "", "600s", validate, noCache},
		{"RFC 5861 §3 the request's no-cache", "Cache-Control: max-age=600, stale-while-revalidate=60" + etag, "Cache-Control: no-cache", "600s", validate, reqNoCache},
		{"RFC 5861 §3 the request's max-age", "Cache-Control: max-age=600, stale-while-revalidate=60" + etag, "Cache-Control: max-age=600", "601s", validate, stale},
		{"RFC 5861 §3 the request's min-fresh", "Cache-Control: max-age=600, stale-while-revalidate=60" + etag, "Cache-Control: min-fresh=1", "600s", validate, stale},
		{"RFC 5861 §3 the request's max-stale bounds it", "Cache-Control: max-age=600, stale-while-revalidate=60" + etag, "Cache-Control: max-stale=10", "620s", validate, tooStale},
		{"RFC 5861 §3 offline nobody is asked", "Cache-Control: max-age=600, stale-while-revalidate=60" + etag, "Cache-Control: only-if-cached", "600s", serve, swr},
		{"RFC 5861 §4 is no matter before a failure", "Cache-Control: max-age=600, stale-if-error=600" + etag, "", "600s", validate, stale},
		{"§4.1 Vary: *", "Cache-Control: max-age=600 | Vary: *" + etag, "", "", validate, rfc9111.ReasonVaryAny},
		{"§4.1 Vary: * on the second line", "Cache-Control: max-age=600 | Vary: a | Vary: b, *", "", "", fetch, rfc9111.ReasonVaryAny},
	} {
		row.test(t)
	}
}

func TestRequestDirectives(t *testing.T) {
	const ten = "Cache-Control: max-age=600"
	const etag = ` | ETag: "a"`
	for _, row := range []use{
		{"§5.2.1.4 no-cache", ten + etag, "Cache-Control: no-cache", "", validate, reqNoCache},
		{"§5.2.1.4 without a validator", ten, "Cache-Control: no-cache", "", fetch, reqNoCache},
		{"§5.2.1.4 in any case", ten, "Cache-Control: NO-CACHE", "", fetch, reqNoCache},
		{"§5.4 Pragma", ten, "Pragma: no-cache", "", fetch, reqPragma},
		{"§5.4 Pragma beside an empty Cache-Control", ten, "Pragma: no-cache | Cache-Control: ,", "", fetch, reqPragma},
		{"§5.4 Pragma beside Cache-Control is ignored", ten, "Pragma: no-cache | Cache-Control: max-age=100", "", serve, fresh},
		{"§5.2.1.5 no-store does not forbid use", ten, "Cache-Control: no-store", "", serve, fresh},

		{"§5.2.1.1 max-age=0", ten, "Cache-Control: max-age=0", "1s", fetch, reqMaxAge},
		{"§5.2.1.1 young enough", ten, "Cache-Control: max-age=10", "10s", serve, fresh},
		{"§5.2.1.1 too old", ten, "Cache-Control: max-age=10", "11s", fetch, reqMaxAge},
		{"§5.2.1.1 too old by its Age", ten + " | Age: 300", "Cache-Control: max-age=100", "", fetch, reqMaxAge},
		{"§5.2.1.1 malformed is 0", ten, "Cache-Control: max-age=x", "1s", fetch, reqMaxAge},
		{"§5.2.1.1 the smaller of two", ten, "Cache-Control: max-age=100, max-age=10", "11s", fetch, reqMaxAge},
		{"§5.2.1.1 does not lengthen a lifetime", ten, "Cache-Control: max-age=1000", "600s", fetch, stale},

		{"§5.2.1.2 max-stale within", ten, "Cache-Control: max-stale=10", "610s", serve, maxStale},
		{"§5.2.1.2 max-stale beyond", ten, "Cache-Control: max-stale=10", "611s", fetch, tooStale},
		{"§5.2.1.2 without a value", ten, "Cache-Control: max-stale", "10000h", serve, maxStale},
		{"§5.2.1.2 counts from the lifetime, with Age", "Cache-Control: max-age=1500 | Age: 2000", "Cache-Control: max-stale=1000", "", serve, maxStale},
		{"§5.2.1.2 the smaller of two", ten, "Cache-Control: max-stale, max-stale=10", "611s", fetch, tooStale},
		{"§5.2.1.2 the smaller of two, first", ten, "Cache-Control: max-stale=10, max-stale", "611s", fetch, tooStale},
		{"§5.2.1.2 malformed accepts nothing", ten, "Cache-Control: max-stale=x", "600s", fetch, stale},
		{"§5.2.1.2 malformed beside a good one", ten, "Cache-Control: max-stale, max-stale=x", "600s", fetch, stale},
		{"§5.2.1.2 behind a semicolon", ten, "Cache-Control: max-age=1000; max-stale", "600s", fetch, stale},
		{"§5.2.1.2 a lifetime nobody knows, with a validator", `ETag: "a"`, "Cache-Control: max-stale", "1h", serve, maxStale},
		{"§5.2.1.1 max-age holds beside max-stale", ten, "Cache-Control: max-age=605, max-stale=100", "610s", fetch, reqMaxAge},

		{"§5.2.1.3 min-fresh", ten, "Cache-Control: min-fresh=100", "500s", serve, fresh},
		{"§5.2.1.3 not fresh for long enough", ten, "Cache-Control: min-fresh=100", "501s", fetch, minFresh},
		{"§5.2.1.3 with Age", "Cache-Control: max-age=1500 | Age: 1000", "Cache-Control: min-fresh=1000", "", fetch, minFresh},
		{"§5.2.1.3 malformed is met by nothing", ten, "Cache-Control: min-fresh=x", "", fetch, minFresh},
		{"§5.2.1.3 the larger of two", ten, "Cache-Control: min-fresh=1, min-fresh=700", "", fetch, minFresh},
		{"§5.2.1.3 beside max-stale", ten, "Cache-Control: min-fresh=1, max-stale", "600s", fetch, minFresh},

		{"§5.2.1.7 only-if-cached, fresh", ten, "Cache-Control: only-if-cached", "", serve, fresh},
		{"§5.2.1.7 only-if-cached, stale", ten + etag, "Cache-Control: only-if-cached", "600s", fail, stale},
		{"§5.2.1.7 with max-stale", ten, "Cache-Control: only-if-cached, max-stale", "600s", serve, maxStale},
		{"§5.2.1.7 with no-cache", ten + etag, "Cache-Control: only-if-cached, no-cache", "", fail, reqNoCache},

		{"§4 only GET", ten + etag, "HEAD", "", fetch, rfc9111.ReasonMethod},
		{"§4 methods are case-sensitive", ten + etag, "get", "", fetch, rfc9111.ReasonMethod},
		{"§3.3 Range", ten + etag, "Range: bytes=0-1", "", fetch, rfc9111.ReasonRange},
		{"§4.3.2 If-Match is for the origin", ten + etag, `If-Match: "a"`, "", fetch, rfc9111.ReasonPrecondition},
		{"§4.3.2 If-Unmodified-Since too", ten + etag, "If-Unmodified-Since: {0}", "", fetch, rfc9111.ReasonPrecondition},
		{"§5.2.1.7 never sent for them either", ten, "HEAD | Cache-Control: only-if-cached", "", fail, rfc9111.ReasonMethod},
	} {
		row.test(t)
	}
}

func TestDecideNothingFound(t *testing.T) {
	for _, found := range [][]*record.Record{nil, {}, {nil}} {
		d := private.Decide(request(t, ""), found, start)
		if d.Action != fetch || d.Reason != rfc9111.ReasonMiss || d.Use != -1 || d.Fresh() {
			t.Errorf("%+v", d)
		}
		d = private.Decide(request(t, "Cache-Control: only-if-cached"), found, start)
		if d.Action != fail || d.Reason != rfc9111.ReasonMiss {
			t.Errorf("only-if-cached: %+v", d)
		}
	}
}

func TestDecideChooses(t *testing.T) {
	for _, c := range []struct {
		rule   string
		stored []string
		want   int
	}{
		{"§4 the most recent Date", []string{"Date: {-2h}", "Date: {-1h}", "Date: {-3h}"}, 1},
		{"§4 of equal ones the last to arrive", []string{"Date: {-1h}", "Date: {-1h}"}, 1},
		{"§4 without Date: when it arrived", []string{"Date: {-1h}", "X: y", "Date: {-2h}"}, 1},
		{"a Date in the future counts as arrival", []string{"Date: {100d}", "Date: {-1h}"}, 0},
		{"one that is not there", []string{"Date: {-2h}", "-"}, 0},
	} {
		var recs []*record.Record
		for i, head := range c.stored {
			if head == "-" {
				recs = append(recs, nil)
				continue
			}
			rec := stored(t, head)
			rec.ResponseTime = start.Add(time.Duration(i) * time.Millisecond)
			recs = append(recs, rec)
		}
		if d := private.Decide(request(t, ""), recs, start); d.Use != c.want {
			t.Errorf("%s: used %d, want %d", c.rule, d.Use, c.want)
		}
	}

	// One clock that was wrong once does not shadow what comes later.
	wrong, right := stored(t, "Date: {100d}"), stored(t, "Date: {1h}")
	right.ResponseTime = start.Add(time.Hour)
	if d := private.Decide(request(t, ""), []*record.Record{wrong, right}, start.Add(2*time.Hour)); d.Use != 1 {
		t.Errorf("used %d", d.Use)
	}

	// §4: a fresh response that is older than a stale one is not used; a validator of any of them will do.
	recs := []*record.Record{stored(t, `Date: {-1h} | Cache-Control: max-age=9999 | ETag: "a"`), stored(t, "Date: {0} | Cache-Control: max-age=0")}
	if d := private.Decide(request(t, ""), recs, start); d.Action != validate || d.Use != 1 {
		t.Errorf("%+v", d)
	}
}

func TestDecisionNumbers(t *testing.T) {
	d := private.Decide(request(t, ""), []*record.Record{stored(t, "Cache-Control: max-age=600 | Age: 5")}, start.Add(10*time.Second))
	if d.Age != 15*time.Second || d.Lifetime != 600*time.Second || d.Basis != rfc9111.ReasonMaxAge || !d.Fresh() {
		t.Errorf("%+v", d)
	}
}
