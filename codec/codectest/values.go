package codectest

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/larder-go/larder/record"
)

// small is a short record with something in most fields.
func small() *record.Record {
	return &record.Record{
		Key: "e/0123", URL: "http://a.example/x?y=1", StatusCode: 200, Reason: "OK", Proto: "HTTP/1.1", Encoding: "utf-8",
		ResponseTime: time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.UTC), Elapsed: 1500 * time.Microsecond,
		Expires: time.Date(2026, 1, 2, 3, 5, 5, 0, time.UTC),
		Header:  http.Header{"Content-Type": {"text/plain"}, "Vary": {"Accept", "Cookie"}},
		Body:    record.Body{Data: []byte("hello")},
		Request: record.Request{Method: "GET", URL: "http://a.example/x?y=1", Header: http.Header{"Accept": {"*/*"}}},
	}
}

// values are what the suite sends through a codec, by name.
func values() map[string]any {
	all := map[string]any{
		"an empty record": &record.Record{},
		"a record":        small(),
		"a chunk":         &record.Chunk{Set: "s", Index: 7, Owner: "e/1", Data: []byte("\x00\xffdata")},
		"an empty chunk":  &record.Chunk{},
		"a label":         &record.Label{Kind: "record", Method: "GET", URL: "http://a/ü", StatusCode: 404, Stored: time.Unix(1, 2).UTC(), Length: -1},
		"an index": &record.Index{
			Key: "e/1", URL: "http://a/", Generation: "g2", From: []string{"g1", "absent"}, Selectors: []string{":credentials", "accept-language"},
			Invalidated: time.Unix(99, 0).UTC(),
		},
	}
	with := func(name string, change func(*record.Record)) {
		r := small()
		change(r)
		all[name] = r
	}
	for name, body := range bodies() {
		with("body/"+name, func(r *record.Record) { r.Body.Data = body })
	}
	with("body in chunks", func(r *record.Record) {
		r.Body = record.Body{Set: "s", Length: -1, Piece: 10, Until: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC), Extents: []record.Extent{{Offset: 0, Length: 10, Chunk: 0}, {Offset: 1 << 40, Length: 5, Chunk: 3}}}
	})
	with("a coding taken off", func(r *record.Record) { r.Body.Coding = "gzip" })
	with("header values that are no UTF-8", func(r *record.Record) {
		r.Header["X-Latin"] = []string{"gr\xfc\xdf", "\x00\x01", "ü", ""}
		r.Reason = "\xff"
	})
	with("forty Set-Cookie lines", func(r *record.Record) {
		for i := range 40 {
			r.Header.Add("Set-Cookie", fmt.Sprintf("c%d={\"k\":\"v, w\"}; Path=/", i))
		}
	})
	with("a huge header", func(r *record.Record) { r.Header["X-Huge"] = []string{strings.Repeat("x", 1<<20)} })
	with("empty header lists", func(r *record.Record) {
		r.Header, r.Trailer, r.Request.Header = http.Header{}, http.Header{"T": {"1"}}, nil
	})
	with("times with a zone", func(r *record.Record) { r.ResponseTime = r.ResponseTime.In(time.FixedZone("", 5400)) })
	with("the zero time", func(r *record.Record) { r.ResponseTime, r.Expires = time.Time{}, time.Time{} })
	with("before 1970", func(r *record.Record) { r.ResponseTime = time.Date(1900, 1, 1, 0, 0, 0, 1, time.UTC) })
	with("odd durations", func(r *record.Record) { r.Elapsed = -1 })
	with("a long duration", func(r *record.Record) { r.Elapsed = 1<<63 - 1 })
	with("a request with a body", func(r *record.Record) { r.Request.Body = []byte("\x00a=1") })
	return all
}

// bodies are contents that readable formats find hard.
func bodies() map[string][]byte {
	all := map[string][]byte{"empty": {}, "absent": nil, "large": []byte(strings.Repeat("0123456789", 150_000))}
	for name, s := range map[string]string{
		"compact":           `{"a":[1,2,{"b":null}],"c":true}`,
		"spaced":            `{"a": [1, 2, {"b": null}], "c": true}`,
		"indented by two":   "{\n  \"a\": [\n    1\n  ],\n  \"e\": {},\n  \"l\": []\n}\n",
		"indented by four":  "{\n    \"a\": [\n        1\n    ]\n}",
		"indented by tabs":  "{\n\t\"a\": 1\n}",
		"unevenly laid out": "{ \"a\" :1,\n \"b\":2}",
		"escaped as ASCII":  `{"k":"gr\u00fc\u00df \ud83d\ude00"}`,
		"escaped for HTML":  `{"k":"\u003cb\u003e\u0026"}`,
		"escaped slashes":   `{"k":"http:\/\/a\/"}`,
		"big integers":      `{"n":123456789012345678901234567890,"m":-0,"f":1.50,"e":1e400,"E":1E+2}`,
		"repeated names":    `{"a":1,"a":2}`,
		"a lone surrogate":  `{"k":"\ud800"}`,
		"an escaped NUL":    `{"k":"\u0000"}`,
		"upper-case escape": `{"k":"\u00FC"}`,
		"a JSON string":     `"just text"`,
		"a list":            `[]`,
		"deeply nested":     strings.Repeat("[", 2000) + strings.Repeat("]", 2000),
		"like our own form": `{"$base64":"AAAA"}`,
		"a cut JSON":        `{"a":`,
		"text":              "line\r\nline\n",
		"a byte order mark": "\ufefftext",
		"text with NUL":     "a\x00b",
		"latin-1":           "gr\xfc\xdf",
		"HTML":              "<html>\u2028</html>",
		"binary":            "\x89PNG\r\n\x1a\n\x00\xff",
	} {
		all[name] = []byte(s)
	}
	return all
}
