package rfc9111_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// The tables are written in a small language. A head is "404 | Date: {0} | ETag: "a"": a status code (200 if there is
// none) or a method (GET), then fields. {0}, {-1h} or {2d} are HTTP dates relative to start, when the response came.

var (
	start   = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	private rfc9111.Policy
	shared  = rfc9111.Policy{Shared: true}
	when    = regexp.MustCompile(`\{[^}]*\}`)
)

func fields(t testing.TB, head string) (first string, h http.Header) {
	t.Helper()
	h = http.Header{}
	for i, part := range strings.Split(head, " | ") {
		name, value, ok := strings.Cut(part, ":")
		if !ok {
			if i > 0 && part != "" {
				t.Fatalf("%q: %q is no field", head, part)
			}
			first = part
			continue
		}
		value = when.ReplaceAllStringFunc(value, func(s string) string {
			return start.Add(span(t, s[1:len(s)-1])).Format(http.TimeFormat)
		})
		h.Add(name, strings.TrimSpace(value))
	}
	return first, h
}

// span reads a duration, days too.
func span(t testing.TB, s string) time.Duration {
	t.Helper()
	if s == "" {
		return 0
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil {
			t.Fatal(err)
		}
		return time.Duration(n) * 24 * time.Hour
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func response(t testing.TB, head string) *http.Response {
	t.Helper()
	status, h := fields(t, head)
	code := 200
	if status != "" {
		var err error
		if code, err = strconv.Atoi(status); err != nil {
			t.Fatal(err)
		}
	}
	return &http.Response{StatusCode: code, Header: h}
}

func stored(t testing.TB, head string) *record.Record {
	t.Helper()
	resp := response(t, head)
	return &record.Record{StatusCode: resp.StatusCode, Header: resp.Header, ResponseTime: start}
}

// answered is a stored response to a request with these fields.
func answered(t testing.TB, asked, head string) *record.Record {
	t.Helper()
	rec := stored(t, head)
	rec.Request.Header = request(t, asked).Header
	return rec
}

func request(t testing.TB, head string) *http.Request {
	t.Helper()
	method, h := fields(t, head)
	return &http.Request{Method: method, URL: &url.URL{Scheme: "http", Host: "example.org", Path: "/a"}, Header: h}
}

// show is a header in one line, names sorted, for comparison.
func show(h http.Header) string {
	var b strings.Builder
	if err := h.Write(&b); err != nil {
		return err.Error()
	}
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\r\n"), "\r\n", " | ")
}
