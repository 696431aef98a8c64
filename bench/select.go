package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/url"

	"github.com/larder-go/larder"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// selectRow reads by SQL the row that a larder cache keeps a body in: what a hit costs at least.
func selectRow(size int) side {
	return side{name: "SELECT", open: func(p *place) (subject, error) {
		client, dir, err := stored(p, size, larderIn("sqlite:"))
		if err != nil {
			return subject{}, err
		}
		key, err := keyOf(client, p.origin.url(size))
		if err != nil {
			return subject{}, err
		}
		db, err := reader(p, dir)
		if err != nil {
			return subject{}, err
		}
		stmt, err := db.Prepare(`SELECT value FROM items WHERE key = ?`)
		if err != nil {
			return subject{}, err
		}
		p.onClose(stmt.Close)
		do := func() error {
			var value []byte
			if err := stmt.QueryRow(key).Scan(&value); err != nil {
				return err
			}
			if len(value) < size {
				return fmt.Errorf("the row has %d bytes, want %d or more", len(value), size)
			}
			return nil
		}
		return subject{do: do, check: do, asked: p.origin.seen.Load}, nil
	}}
}

// reader opens a cache's database as another program would, but with the memory map that larder uses too.
func reader(p *place, dir string) (*sql.DB, error) {
	u := url.URL{Scheme: "file", OmitHost: true, Path: database(dir), RawQuery: "_pragma=mmap_size(268435456)"}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, err
	}
	p.onClose(db.Close)
	return db, nil
}

// keyOf is where the response to a URL lies.
func keyOf(c *http.Client, url string) (string, error) {
	resp, err := c.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	info, _ := larder.InfoOf(resp)
	if !info.FromCache {
		return "", errNotStored
	}
	return info.Key, nil
}
