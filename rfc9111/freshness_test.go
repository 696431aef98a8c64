package rfc9111_test

import (
	"testing"
	"time"

	"github.com/larder-go/larder/rfc9111"
)

func TestAge(t *testing.T) {
	for _, c := range []struct{ rule, stored, elapsed, after, want string }{
		{"§4.2.3 time in the cache", "Date: {0}", "", "10s", "10s"},
		{"§4.2.3 Date", "Date: {-30s}", "", "10s", "40s"},
		{"§4.2.3 Age", "Date: {0} | Age: 30", "", "10s", "40s"},
		{"§4.2.3 the larger of Date and Age", "Date: {-30s} | Age: 20", "", "", "30s"},
		{"§4.2.3 Age and the delay", "Date: {0} | Age: 20", "3s", "", "23s"},
		{"§4.2.3 the delay alone", "X: y", "3s", "10s", "13s"},
		{"§4.2.3 Date in the future", "Date: {1h}", "", "10s", "10s"},
		{"§4.2.3 no Date", "X: y", "", "10s", "10s"},
		{"§4.2.3 Date is none", "Date: yesterday | Age: 5", "", "10s", "15s"},
		{"§4.2.3 two Dates: the earlier", "Date: {-1m} | Date: {0}", "", "", "1m"},
		{"§4.2.3 a negative delay", "X: y", "-1h", "", "0s"},
		{"§5.1 not a number", "Age: abc", "", "1s", "1s"},
		{"§5.1 negative", "Age: -7200", "", "1s", "1s"},
		{"§5.1 decimal", "Age: 7200.0", "", "1s", "1s"},
		{"§5.1 a suffix", "Age: 7200s", "", "1s", "1s"},
		{"§5.1 a parameter", "Age: 7200;x=1", "", "1s", "1s"},
		{"§5.1 quoted", `Age: "7200"`, "", "1s", "1s"},
		{"§5.1 a sign", "Age: +7200", "", "1s", "1s"},
		{"§5.1 three lines, one of them none", "Age: 1 | Age: abc | Age: 7200", "", "", "7200s"},
		{"§5.1 leading zeros and spaces", "Age:  007200 ", "", "", "7200s"},
		{"§5.1 empty", "Age: ", "", "1s", "1s"},
		{"§5.1 a list: the largest", "Age: 7200, 0", "", "", "7200s"},
		{"§5.1 a list: the largest, last", "Age: 0, 7200", "", "", "7200s"},
		{"§5.1 two lines", "Age: 0 | Age: 7200", "", "", "7200s"},
		{"§5.1 one of two is none", "Age: x, 7200", "", "", "7200s"},
		{"§4.2.3 the time under way counts to Age, not to Date", "Date: {-4s} | Age: 2", "3s", "", "5s"},
		{"§4.2.3 a Date of long ago", "Date: Thu, 01 Jan 1970 00:00:00 GMT", "", "", "498753h"},
		{"§1.2.2 huge", "Age: 99999999999999999999", "", "", "2147483648s"},
		{"a clock set back by an hour", "X: y", "", "-1h", "1h"},
	} {
		rec := stored(t, c.stored)
		rec.Elapsed = span(t, c.elapsed)
		if got := rfc9111.Age(rec, start.Add(span(t, c.after))); got != span(t, c.want) {
			t.Errorf("%s: Age(%q, %s) = %v, want %v", c.rule, c.stored, c.after, got, c.want)
		}
	}
}

func TestAgeOfNoTime(t *testing.T) {
	rec := stored(t, "Cache-Control: max-age=99999999999 | Age: 99999999999 | Date: Thu, 01 Jan 1970 00:00:00 GMT")
	rec.ResponseTime, rec.Elapsed = time.Time{}, 1<<62
	if got := rfc9111.Age(rec, start); got <= 0 {
		t.Errorf("overflow: %v", got)
	}
	if d, _ := private.Lifetime(rec); rfc9111.Age(rec, start) < d {
		t.Errorf("a response that came at no time is fresh")
	}
}

func TestLifetime(t *testing.T) {
	for _, c := range []struct {
		rule, stored, want string
		reason             rfc9111.Reason
	}{
		{"§5.2.2.1", "Cache-Control: max-age=60", "60s", rfc9111.ReasonMaxAge},
		{"§4.2.1", "Cache-Control: max-age=x", "0s", rfc9111.ReasonMaxAgeMalformed},
		{"§5.3", "Date: {-1h} | Expires: {1h}", "2h", rfc9111.ReasonExpires},
		{"§5.3", "Expires: 0", "0s", rfc9111.ReasonExpiresMalformed},
		{"§5.3 never negative", "Date: {0} | Expires: {-1h}", "0s", rfc9111.ReasonExpires},
		{"§5.3 two Dates: the later", "Date: {-1h} | Date: {0} | Expires: {1h}", "1h", rfc9111.ReasonExpires},
		{"§4.2.2", "Last-Modified: {-10h}", "1h", rfc9111.ReasonHeuristic},
		{"§4.2.2 at most a day", "Last-Modified: {-1000d}", "24h", rfc9111.ReasonHeuristic},
		{"§4.2.1 nothing", "X: y", "0s", rfc9111.ReasonNoLifetime},
		{"§5.2.2.4 no-cache changes no lifetime", "Cache-Control: no-cache, max-age=60", "60s", rfc9111.ReasonMaxAge},
	} {
		got, reason := private.Lifetime(stored(t, c.stored))
		if got != span(t, c.want) || reason != c.reason {
			t.Errorf("%s: Lifetime(%q) = %v, %v", c.rule, c.stored, got, reason)
		}
	}
}

func TestFreshAndRetainUntil(t *testing.T) {
	for _, c := range []struct{ rule, stored, fresh, retain string }{
		{"fresh, no validator", "Cache-Control: max-age=600", "600s", "600s"},
		{"fresh, aged", "Cache-Control: max-age=600 | Age: 100", "500s", "500s"},
		{"validator", `Cache-Control: max-age=0 | ETag: "a"`, "0s", "720h"},
		{"validator and lifetime", "Cache-Control: max-age=3600 | Last-Modified: {-1h}", "1h", "721h"},
		{"validator, stale on arrival: 30 days from then", `Cache-Control: max-age=0 | Age: 3600 | ETag: "a"`, "-1h", "720h"},
		{"malformed validator", "Cache-Control: max-age=600 | ETag: a", "600s", "600s"},
		{"no-cache is never fresh", `Cache-Control: no-cache, max-age=600 | ETag: "a"`, "0s", "720h"},
		{"RFC 5861 §4 stale-if-error", "Cache-Control: max-age=600, stale-if-error=60", "600s", "660s"},
		{"RFC 5861 §3 stale-while-revalidate", "Cache-Control: max-age=600, stale-while-revalidate=60, stale-if-error=30", "600s", "660s"},
		{"longer than 30 days", `Cache-Control: max-age=600, stale-if-error=8640000 | ETag: "a"`, "600s", "2400h10m"},
		{"the smaller of two", "Cache-Control: max-age=600, stale-if-error=60, stale-if-error=6", "600s", "606s"},
		{"malformed", "Cache-Control: max-age=600, stale-if-error=x", "600s", "600s"},
		{"§5.2.2.2 must-revalidate takes the window back", "Cache-Control: max-age=600, stale-if-error=60, must-revalidate", "600s", "600s"},
		{"§4.1 Vary: *", "Cache-Control: max-age=600 | Vary: *", "0s", "0s"},
	} {
		rec := stored(t, c.stored)
		if got := private.FreshUntil(rec); !got.Equal(start.Add(span(t, c.fresh))) {
			t.Errorf("%s: FreshUntil(%q) = start + %v, want %s", c.rule, c.stored, got.Sub(start), c.fresh)
		}
		if got := private.RetainUntil(rec); !got.Equal(start.Add(span(t, c.retain))) {
			t.Errorf("%s: RetainUntil(%q) = start + %v, want %s", c.rule, c.stored, got.Sub(start), c.retain)
		}
	}
}
