package rfc9111_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

func ExamplePolicy_Decide() {
	arrived := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	rec := &record.Record{
		StatusCode:   200,
		ResponseTime: arrived,
		Header:       http.Header{"Cache-Control": {"max-age=600"}, "Etag": {`"v1"`}},
	}
	req, _ := http.NewRequest("GET", "https://example.org/", nil)
	for _, later := range []time.Duration{time.Minute, time.Hour} {
		d := rfc9111.Policy{}.Decide(req, []*record.Record{rec}, arrived.Add(later))
		fmt.Printf("%v: %v (%s)\n", d.Action, d.Reason, d.Reason.Section())
	}
	fmt.Println(rfc9111.Conditional(req, []*record.Record{rec}))
	// Output:
	// serve: the stored response is fresh (RFC 9111 §4.2)
	// validate: the stored response is stale (RFC 9111 §4.2.4)
	// map[If-None-Match:["v1"]]
}

func ExamplePolicy_Storable() {
	req, _ := http.NewRequest("GET", "https://example.org/", nil)
	resp := &http.Response{StatusCode: 200, Header: http.Header{"Cache-Control": {"no-store"}}}
	fmt.Println(rfc9111.Policy{}.Storable(req, resp, time.Now()))
	// Output: false the response says no-store
}

func ExampleInvalidates() {
	req, _ := http.NewRequest("POST", "https://example.org/notes", nil)
	resp := &http.Response{StatusCode: 201, Header: http.Header{"Location": {"/notes/7"}}}
	for _, u := range rfc9111.Invalidates(req, resp) {
		fmt.Println(u)
	}
	// Output:
	// https://example.org/notes
	// https://example.org/notes/7
}

func ExamplePolicy() {
	req, _ := http.NewRequest("GET", "https://example.org/", nil)
	req.Header.Set("Authorization", "Bearer token")
	resp := &http.Response{StatusCode: 200, Header: http.Header{"Cache-Control": {"max-age=600"}}}
	for _, policy := range []rfc9111.Policy{{}, {Shared: true}} {
		fmt.Println(policy.Storable(req, resp, time.Now()))
	}
	// Output:
	// true the response may be stored
	// false the request carries Authorization, and nothing in the response lets a shared cache store it
}

func ExamplePolicy_Admits() {
	rec := &record.Record{StatusCode: 200, Header: http.Header{"Cache-Control": {"private, max-age=600"}}}
	fmt.Println(rfc9111.Policy{Shared: true}.Admits(rec))
	// Output: false the stored response is private, and the cache is shared
}

func ExampleFreshenByHead() {
	rec := &record.Record{StatusCode: 200, Header: http.Header{"Etag": {`"v1"`}, "Cache-Control": {"max-age=60"}}}
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for _, tag := range []string{`"v1"`, `"v2"`} {
		head := &http.Response{StatusCode: 200, Header: http.Header{"Etag": {tag}, "Cache-Control": {"max-age=600"}}}
		if next, ok := rfc9111.FreshenByHead(rec, head, now, now); ok {
			fmt.Println(next.Header.Get("Cache-Control"))
		} else {
			fmt.Println("to be invalidated")
		}
	}
	// Output:
	// max-age=600
	// to be invalidated
}
