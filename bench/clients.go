package main

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/gregjones/httpcache"
	"github.com/gregjones/httpcache/diskcache"
	"github.com/peterbourgon/diskv"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/all"
)

// client is a way to fetch. No http.Client here has a Timeout, which costs any transport of one's own 18 allocations.
type client struct {
	name  string
	keeps bool // it is a cache
	lasts bool // what it stored in a folder is there when it is opened again
	open  func(dir string) (c *http.Client, close func() error, err error)
}

func transport() *http.Transport { return &http.Transport{MaxIdleConnsPerHost: 16} }

var plain = client{name: "no cache", open: func(string) (*http.Client, func() error, error) {
	t := transport()
	return &http.Client{Transport: t}, closing(t), nil
}}

var gregjonesMemory = client{name: "gregjones, memory", keeps: true, open: func(string) (*http.Client, func() error, error) {
	return gregjones(httpcache.NewMemoryCache())
}}

// gregjonesDisk reads files, and keeps so many bytes of them in memory; 100 MiB is what it does by itself.
func gregjonesDisk(keeps uint64) client {
	name := "gregjones, files it reads"
	if keeps > 0 { // what a program gets that does not ask
		name = "gregjones, files it keeps in memory"
	}
	return client{name: name, keeps: true, lasts: true, open: func(dir string) (*http.Client, func() error, error) {
		return gregjones(diskcache.NewWithDiskv(diskv.New(diskv.Options{BasePath: dir, CacheSizeMax: keeps})))
	}}
}

func gregjones(c httpcache.Cache) (*http.Client, func() error, error) {
	t := transport()
	ct := httpcache.NewTransport(c)
	ct.Transport = t
	return ct.Client(), closing(t), nil
}

// larderIn is larder at a location; what it needs of a path is added.
func larderIn(location string) client {
	kind, params, _ := strings.Cut(location, "?")
	if params != "" {
		params = "?" + params
	}
	name := "larder, " + strings.TrimSuffix(kind, ":") + params
	return client{name: name, keeps: true, lasts: kind != "memory:", open: func(dir string) (*http.Client, func() error, error) {
		t := transport()
		c, err := all.Open(context.Background(), kind+pathIn(dir, kind)+params, &larder.Options{Transport: t})
		if err != nil {
			return nil, nil, err
		}
		return c.Client(), func() error { t.CloseIdleConnections(); return c.Close() }, nil
	}}
}

func pathIn(dir, kind string) string {
	switch kind {
	case "sqlite:":
		return database(dir)
	case "file:":
		return dir
	}
	return ""
}

// database is where the SQLite store of a folder lies.
func database(dir string) string { return filepath.Join(dir, "cache.db") }

func closing(t *http.Transport) func() error {
	return func() error { t.CloseIdleConnections(); return nil }
}
