// Package larder keeps HTTP responses: a private cache after RFC 9111 that is an [http.RoundTripper], over any store and
// any serializer.
//
//	st, err := sqlitestore.Open("http_cache.db")
//	cache, err := larder.New(st, nil)
//	client := cache.Client()
//
// The one rule to know: by default a Cache does what the HTTP caching rules say and nothing else, so a program behaves
// with it as it does without it, only faster. Responses to requests that carry credentials are kept apart by these
// credentials; a program that acts for one user says so with [OneUser] and gets more hits.
//
// Where responses lie is the matter of package store and its drivers, how they become bytes of package codec, the
// rules themselves of package rfc9111. Logged-in clients that outlive the process are package session. Package all opens
// a cache from a location string with everything linked. This package links the standard library alone.
package larder
