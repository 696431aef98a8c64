package rfc9111_test

import (
	"testing"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

const (
	sMaxAge      = rfc9111.ReasonSMaxAge
	sMaxAgeBad   = rfc9111.ReasonSMaxAgeMalformed
	staleShared  = rfc9111.ReasonStaleSMaxAge
	staleProxy   = rfc9111.ReasonStaleProxyRevalidate
	otherPrivate = rfc9111.ReasonPrivate
	otherUsers   = rfc9111.ReasonAuthorization
)

func TestSharedStorable(t *testing.T) {
	const (
		ok   = rfc9111.ReasonStorable
		priv = rfc9111.ReasonStorePrivate
		auth = rfc9111.ReasonStoreAuthorization
	)
	const basic = "Authorization: Basic eDp5"
	for _, c := range []struct {
		rule, request, response string
		want                    rfc9111.Reason
	}{
		{"§5.2.2.7 private", "", "Cache-Control: private, max-age=60", priv},
		{"§5.2.2.7 in any case, behind a semicolon", "", "Cache-Control: max-age=60; PRIVATE", priv},
		{"§5.2.2.7 on the second line", "", "Cache-Control: max-age=60 | Cache-Control: private", priv},
		{"§5.2.2.7 with a field list, read as for the whole", "", `Cache-Control: private="Set-Cookie", max-age=60`, priv},
		{"§5.2.2.7 with an empty one", "", `Cache-Control: private="", max-age=60`, priv},
		{"§5.2.2.7 beats public", "", "Cache-Control: public, private, max-age=60", priv},
		{"§5.2.2.7 beats s-maxage", "", "Cache-Control: s-maxage=60, private", priv},
		{"§5.2.2.7 is not let go by must-understand", "", "Cache-Control: no-store, must-understand, private, max-age=60", priv},
		{"§5.2.2.7 inside a quoted string it is none", "", `Cache-Control: max-age=60, x="private"`, ok},

		{"§3.5 Authorization", basic, "Cache-Control: max-age=60", auth},
		{"§3.5 Authorization, with a validator", basic, `Cache-Control: max-age=60 | ETag: "a"`, auth},
		{"§3.5 an empty Authorization is one", "Authorization: ", "Cache-Control: max-age=60", auth},
		{"§3.5 public", basic, "Cache-Control: public, max-age=60", ok},
		{"§3.5 public alone", basic, `Cache-Control: public | ETag: "a"`, ok},
		{"§3.5 s-maxage", basic, "Cache-Control: s-maxage=60", ok},
		{"§3.5 s-maxage=0, with a validator", basic, `Cache-Control: s-maxage=0 | ETag: "a"`, ok},
		{"§3.5 must-revalidate", basic, "Cache-Control: must-revalidate, max-age=60", ok},
		{"§3.5 proxy-revalidate is not enough", basic, "Cache-Control: proxy-revalidate, max-age=60", auth},
		{"§3.5 malformed public permits nothing", basic, "Cache-Control: public=x, max-age=60", auth},
		{"§3.5 malformed s-maxage permits nothing", basic, `Cache-Control: s-maxage=x | ETag: "a"`, auth},
		{"§3.5 nor one of two", basic, `Cache-Control: s-maxage=60, s-maxage=x | ETag: "a"`, auth},
		{"§3.5 must-revalidate with an argument permits nothing", basic, "Cache-Control: must-revalidate=x, max-age=60", auth},
		{"§3.5 must-revalidate in doubt permits nothing", basic, "Cache-Control: max-age=60; must-revalidate", auth},
		{"§3.5 private beats what permits", basic, "Cache-Control: private, public, s-maxage=60", priv},
		{"§3.5 no-store beats what permits", basic, "Cache-Control: no-store, public, s-maxage=60", rfc9111.ReasonStoreNoStore},
		{"§3.5 Proxy-Authorization is not meant", "Proxy-Authorization: x", "Cache-Control: max-age=60", ok},

		{"§3 s-maxage, any status", "", "302 | Cache-Control: s-maxage=60", ok},
		{"§3 malformed s-maxage is one", "", `302 | Cache-Control: s-maxage=x | ETag: "a"`, ok},
		{"§3 s-maxage=0 makes a fresh response useless", "", "Cache-Control: s-maxage=0, max-age=60", rfc9111.ReasonStoreUseless},
		{"§5.2.2.10 its stale-if-error counts for nothing", "", "Cache-Control: s-maxage=0, stale-if-error=60", rfc9111.ReasonStoreUseless},
		{"§5.2.2.8 nor with proxy-revalidate", "", "Cache-Control: max-age=0, stale-if-error=60, proxy-revalidate", rfc9111.ReasonStoreUseless},
		{"§3 302 without a word", "", `302 | ETag: "a"`, rfc9111.ReasonStoreNotCacheable},
		{"§7.3 Set-Cookie", "", "Cache-Control: max-age=60 | Set-Cookie: a=b", ok},
		{"§5.2.1.5 no-store in the request", "Cache-Control: no-store", "Cache-Control: s-maxage=60", rfc9111.ReasonStoreRequestNoStore},
		{"§4.1 Vary: *", "", "Cache-Control: s-maxage=60 | Vary: *", rfc9111.ReasonStoreVaryAny},
	} {
		stores, why := shared.Storable(request(t, c.request), response(t, c.response), start)
		if why != c.want || stores != (c.want == ok) {
			t.Errorf("%s: %q answered by %q: %v, %v; want %v", c.rule, c.request, c.response, stores, why, c.want)
		}
	}
}

func TestSharedLifetime(t *testing.T) {
	for _, c := range []struct {
		rule, stored, want string
		reason             rfc9111.Reason
	}{
		{"§5.2.2.10 s-maxage", "Cache-Control: s-maxage=60", "60s", sMaxAge},
		{"§5.2.2.10 in any case, quoted", `Cache-Control: S-MaxAge="60"`, "60s", sMaxAge},
		{"§5.2.2.10 before max-age", "Cache-Control: max-age=1, s-maxage=60", "60s", sMaxAge},
		{"§5.2.2.10 before a longer max-age", "Cache-Control: s-maxage=1, max-age=60", "1s", sMaxAge},
		{"§5.2.2.10 before a malformed max-age", "Cache-Control: s-maxage=60, max-age=x", "60s", sMaxAge},
		{"§5.3 before Expires", "Cache-Control: s-maxage=60 | Date: {0} | Expires: {1h}", "60s", sMaxAge},
		{"§5.3 before an invalid Expires", "Cache-Control: s-maxage=60 | Expires: 0", "60s", sMaxAge},
		{"§4.2.2 before heuristics", "Cache-Control: s-maxage=0 | Last-Modified: {-10d}", "0s", sMaxAge},
		{"§4.2.1 two: the smaller", "Cache-Control: s-maxage=60, s-maxage=1", "1s", sMaxAge},
		{"§4.2.1 two lines: the smaller", "Cache-Control: s-maxage=1 | Cache-Control: s-maxage=60", "1s", sMaxAge},
		{"§4.2.1 one of two malformed", "Cache-Control: s-maxage=60, s-maxage=x", "0s", sMaxAgeBad},
		{"§4.2.1 malformed beats max-age", "Cache-Control: s-maxage=x, max-age=60", "0s", sMaxAgeBad},
		{"§4.2.1 negative", "Cache-Control: s-maxage=-1", "0s", sMaxAgeBad},
		{"§4.2.1 decimal", "Cache-Control: s-maxage=60.0", "0s", sMaxAgeBad},
		{"§4.2.1 single quotes", "Cache-Control: s-maxage='60'", "0s", sMaxAgeBad},
		{"§4.2.1 letters", "Cache-Control: s-maxage=60s", "0s", sMaxAgeBad},
		{"§4.2.1 no argument", "Cache-Control: s-maxage", "0s", sMaxAgeBad},
		{"§4.2.1 an empty one", `Cache-Control: s-maxage=""`, "0s", sMaxAgeBad},
		{"§4.2.1 space before =", "Cache-Control: s-maxage =60", "0s", sMaxAgeBad},
		{"§4.2.1 space after =", "Cache-Control: s-maxage= 60", "0s", sMaxAgeBad},
		{"§4.2.1 space inside quotes", `Cache-Control: s-maxage=" 60"`, "0s", sMaxAgeBad},
		{"§4.2.1 a parameter", "Cache-Control: s-maxage=60;x=1", "0s", sMaxAgeBad},
		{"§4.2.1 after a semicolon", "Cache-Control: public; s-maxage=60", "0s", sMaxAgeBad},
		{"§4.2.1 after an open quote", `Cache-Control: a="b, s-maxage=60`, "0s", sMaxAgeBad},
		{"§1.2.2 overflow", "Cache-Control: s-maxage=99999999999999999999", "2147483648s", sMaxAge},
		{"§5.2 inside a quoted string it is none", `Cache-Control: x="s-maxage=60", max-age=1`, "1s", rfc9111.ReasonMaxAge},
		{"§4.2.1 else max-age", "Cache-Control: max-age=60", "60s", rfc9111.ReasonMaxAge},
		{"§4.2.1 else Expires", "Date: {0} | Expires: {1h}", "1h", rfc9111.ReasonExpires},
		{"§4.2.1 else a guess", "Last-Modified: {-10h}", "1h", rfc9111.ReasonHeuristic},
	} {
		got, reason := shared.Lifetime(stored(t, c.stored))
		if got != span(t, c.want) || reason != c.reason {
			t.Errorf("%s: Lifetime(%q) = %v, %v", c.rule, c.stored, got, reason)
		}
	}
}

func TestSharedDecide(t *testing.T) {
	const (
		etag  = ` | ETag: "a"`
		basic = "Authorization: [redacted]"
	)
	for _, row := range []struct {
		rule, asked, stored, request, after string
		action                              rfc9111.Action
		reason                              rfc9111.Reason
	}{
		{"§5.2.2.10 s-maxage, fresh", "", "Cache-Control: s-maxage=60, max-age=1", "", "59s", serve, fresh},
		{"§5.2.2.10 s-maxage, stale", "", "Cache-Control: s-maxage=60, max-age=600" + etag, "", "60s", validate, staleShared},
		{"§5.2.2.10 forbids max-stale", "", "Cache-Control: s-maxage=60", "Cache-Control: max-stale", "60s", fetch, staleShared},
		{"§5.2.2.10 forbids stale-while-revalidate", "", "Cache-Control: s-maxage=60, stale-while-revalidate=60" + etag, "", "60s", validate, staleShared},
		{"§5.2.2.10 malformed forbids it too", "", "Cache-Control: s-maxage=x, max-age=60, stale-while-revalidate=60", "", "", fetch, staleShared},
		{"§5.2.2.10 only-if-cached does not help", "", "Cache-Control: s-maxage=60", "Cache-Control: only-if-cached, max-stale", "60s", fail, staleShared},
		{"§5.2.2.10 Age counts against it", "", "Cache-Control: s-maxage=60 | Age: 60", "", "", fetch, staleShared},
		{"§5.2.1.1 the request's max-age holds", "", "Cache-Control: s-maxage=60", "Cache-Control: max-age=10", "11s", fetch, reqMaxAge},
		{"§5.2.1.3 the request's min-fresh holds", "", "Cache-Control: s-maxage=60, max-age=600", "Cache-Control: min-fresh=60", "1s", fetch, minFresh},

		{"§5.2.2.8 proxy-revalidate, fresh", "", "Cache-Control: proxy-revalidate, max-age=60", "", "59s", serve, fresh},
		{"§5.2.2.8 proxy-revalidate, stale", "", "Cache-Control: proxy-revalidate, max-age=60" + etag, "", "60s", validate, staleProxy},
		{"§5.2.2.8 forbids max-stale", "", "Cache-Control: proxy-revalidate, max-age=60", "Cache-Control: max-stale=100", "60s", fetch, staleProxy},
		{"§5.2.2.8 forbids stale-while-revalidate", "", "Cache-Control: Proxy-Revalidate, max-age=60, stale-while-revalidate=60", "", "60s", fetch, staleProxy},
		{"§5.2.2.8 behind a semicolon", "", "Cache-Control: max-age=60, a; proxy-revalidate", "Cache-Control: max-stale", "60s", fetch, staleProxy},
		{"§5.2.2.8 with an argument", "", "Cache-Control: proxy-revalidate=x, max-age=60", "Cache-Control: max-stale", "60s", fetch, staleProxy},
		{"§5.2.2.2 must-revalidate comes first", "", "Cache-Control: proxy-revalidate, must-revalidate, s-maxage=60" + etag, "", "60s", validate, mustReval},
		{"§4.2.4 neither: stale answers as in a private cache", "", "Cache-Control: max-age=60", "Cache-Control: max-stale", "60s", serve, maxStale},
		{"RFC 5861 §3 neither: refreshed behind the answer", "", "Cache-Control: max-age=60, stale-while-revalidate=60", "", "60s", refresh, swr},

		{"§5.2.2.7 private, stored by another cache", "", "Cache-Control: private, max-age=60", "", "", fetch, otherPrivate},
		{"§5.2.2.7 private is not asked about", "", "Cache-Control: private, max-age=60" + etag, "", "", fetch, otherPrivate},
		{"§5.2.2.7 with a field list", "", `Cache-Control: private="X", max-age=60` + etag, "", "", fetch, otherPrivate},
		{"§5.2.2.7 offline", "", "Cache-Control: private, max-age=60" + etag, "Cache-Control: only-if-cached", "", fail, otherPrivate},
		{"§3.5 stored for one user by another cache", basic, "Cache-Control: max-age=60" + etag, "", "", fetch, otherUsers},
		{"§3.5 not even for the same user", basic, "Cache-Control: max-age=60" + etag, "Authorization: Basic eDp5", "", fetch, otherUsers},
		{"§3.5 public", basic, "Cache-Control: public, max-age=60", "", "", serve, fresh},
		{"§3.5 s-maxage", basic, "Cache-Control: s-maxage=60", "", "", serve, fresh},
		{"§3.5 s-maxage, stale", basic, "Cache-Control: s-maxage=60" + etag, "", "60s", validate, staleShared},
		{"§3.5 must-revalidate", basic, "Cache-Control: must-revalidate, max-age=60", "", "", serve, fresh},
		{"§3.5 must-revalidate, stale", basic, "Cache-Control: must-revalidate, max-age=60" + etag, "Cache-Control: max-stale", "60s", validate, mustReval},
		{"§3.5 who asks with Authorization may have what was stored without", "", "Cache-Control: max-age=60", "Authorization: Basic eDp5", "", serve, fresh},
		{"§5.2.2.4 no-cache", "", "Cache-Control: no-cache, s-maxage=60" + etag, "", "", validate, noCache},
	} {
		d := shared.Decide(request(t, row.request), []*record.Record{answered(t, row.asked, row.stored)}, start.Add(span(t, row.after)))
		if d.Action != row.action || d.Reason != row.reason {
			t.Errorf("%s\n  stored  %s\n  request %s after %s\n  got  %v, because %v (age %v, lifetime %v)\n  want %v, because %v",
				row.rule, row.stored, row.request, row.after, d.Action, d.Reason, d.Age, d.Lifetime, row.action, row.reason)
		}
	}

	// A validator of one that may be shared will do.
	recs := []*record.Record{stored(t, `Cache-Control: max-age=0 | Date: {-1h} | ETag: "a"`), stored(t, `Cache-Control: private | Date: {0} | ETag: "b"`)}
	if d := shared.Decide(request(t, ""), recs, start); d.Action != validate || d.Use != 1 || d.Reason != otherPrivate {
		t.Errorf("%+v", d)
	}
}

func TestSharedOnFailure(t *testing.T) {
	const (
		sie  = rfc9111.ReasonStaleIfError
		gone = rfc9111.ReasonDisconnected
	)
	for _, row := range []struct {
		rule, asked, stored, request string
		status                       int
		action                       rfc9111.Action
		reason                       rfc9111.Reason
	}{
		{"RFC 5861 §4 as in a private cache", "", "Cache-Control: max-age=1, stale-if-error=600", "", 503, serve, sie},
		{"§4.2.4 disconnected, as in a private cache", "", "Cache-Control: max-age=1", "", 0, serve, gone},
		{"§5.2.2.8 proxy-revalidate forbids stale-if-error", "", "Cache-Control: max-age=1, stale-if-error=600, proxy-revalidate", "", 503, fetch, staleProxy},
		{"§5.2.2.8 that of the request too", "", "Cache-Control: max-age=1, proxy-revalidate", "Cache-Control: stale-if-error=600", 503, fetch, staleProxy},
		{"§5.2.2.8 proxy-revalidate, disconnected", "", "Cache-Control: max-age=1, proxy-revalidate", "Cache-Control: max-stale", 0, fetch, staleProxy},
		{"§5.2.2.10 s-maxage forbids stale-if-error", "", "Cache-Control: s-maxage=1, stale-if-error=600", "", 503, fetch, staleShared},
		{"§5.2.2.10 s-maxage, disconnected", "", "Cache-Control: s-maxage=1", "", 0, fetch, staleShared},
		{"§5.2.2.10 malformed, disconnected", "", "Cache-Control: s-maxage=x, max-age=600", "", 0, fetch, staleShared},
		{"§5.2.2.7 private", "", "Cache-Control: private, max-age=1, stale-if-error=600", "", 0, fetch, otherPrivate},
		{"§3.5 another user's", "Authorization: [redacted]", "Cache-Control: max-age=1, stale-if-error=600", "", 0, fetch, otherUsers},
		{"§3.5 public", "Authorization: [redacted]", "Cache-Control: public, max-age=1, stale-if-error=600", "", 503, serve, sie},
	} {
		rec := answered(t, row.asked, row.stored)
		d := shared.OnFailure(request(t, row.request), rec, row.status, start.Add(span(t, "61s")))
		if d.Action != row.action || d.Reason != row.reason {
			t.Errorf("%s: %s after %d, request %q: got %v, because %v; want %v, because %v",
				row.rule, row.stored, row.status, row.request, d.Action, d.Reason, row.action, row.reason)
		}
	}
}

func TestSharedFreshAndRetainUntil(t *testing.T) {
	for _, c := range []struct{ rule, asked, stored, fresh, retain string }{
		{"§5.2.2.10 s-maxage", "", "Cache-Control: s-maxage=600, max-age=60", "600s", "600s"},
		{"§5.2.2.10 with Age", "", "Cache-Control: s-maxage=600 | Age: 100", "500s", "500s"},
		{"§5.2.2.10 malformed", "", "Cache-Control: s-maxage=x, max-age=60", "0s", "0s"},
		{"§5.2.2.10 its stale windows are none", "", "Cache-Control: s-maxage=600, stale-if-error=60", "600s", "600s"},
		{"§5.2.2.8 nor with proxy-revalidate", "", "Cache-Control: max-age=600, stale-while-revalidate=60, proxy-revalidate", "600s", "600s"},
		{"§5.2.2.8 but the validator", "", `Cache-Control: max-age=3600, proxy-revalidate | ETag: "a"`, "1h", "721h"},
		{"§5.2.2.7 private is never fresh here, nor worth keeping", "", `Cache-Control: private, max-age=600 | ETag: "a"`, "0s", "0s"},
		{"§3.5 nor what is one user's", "Authorization: [redacted]", `Cache-Control: max-age=600 | ETag: "a"`, "0s", "0s"},
		{"§3.5 unless it may be shared", "Authorization: [redacted]", "Cache-Control: public, max-age=600", "600s", "600s"},
	} {
		rec := answered(t, c.asked, c.stored)
		if got := shared.FreshUntil(rec); !got.Equal(start.Add(span(t, c.fresh))) {
			t.Errorf("%s: FreshUntil(%q) = start + %v, want %s", c.rule, c.stored, got.Sub(start), c.fresh)
		}
		if got := shared.RetainUntil(rec); !got.Equal(start.Add(span(t, c.retain))) {
			t.Errorf("%s: RetainUntil(%q) = start + %v, want %s", c.rule, c.stored, got.Sub(start), c.retain)
		}
	}
}

func TestAdmits(t *testing.T) {
	for _, c := range []struct {
		rule, asked, stored string
		want                rfc9111.Reason
	}{
		{"§3 what says nothing", "", "X: y", rfc9111.ReasonNone},
		{"§5.2.2.7 private", "", "Cache-Control: private", otherPrivate},
		{"§5.2.2.7 with a field list", "", `Cache-Control: private="X"`, otherPrivate},
		{"§3.5 Authorization", "Authorization: [redacted]", "Cache-Control: max-age=1", otherUsers},
		{"§3.5 public", "Authorization: [redacted]", "Cache-Control: public", rfc9111.ReasonNone},
	} {
		rec := answered(t, c.asked, c.stored)
		if ok, why := shared.Admits(rec); why != c.want || ok != (c.want == rfc9111.ReasonNone) {
			t.Errorf("%s: Admits(%q) = %v, %v", c.rule, c.stored, ok, why)
		}
		if ok, why := private.Admits(rec); !ok || why != rfc9111.ReasonNone {
			t.Errorf("%s: a private cache refuses %q: %v", c.rule, c.stored, why)
		}
	}
}
