package larder_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store/memstore"
)

// TestModes: the same answers, in a cache of one user's and in one that several share.
func TestModes(t *testing.T) {
	for _, c := range []struct{ name, routes, private, shared string }{
		{"private", "/a  Cache-Control: private, max-age=60  %n",
			`GET /a -> 200 miss "1"
			 GET /a -> 200 hit "1"`,
			`GET /a -> 200 miss "1"
			 GET /a -> 200 miss "2"`},
		{"s-maxage", `/a  Cache-Control: max-age=10, s-maxage=60; Etag: "1"  %n`,
			`GET /a -> 200 miss "1"
			 +11s
			 GET /a -> 200 valid "1"`,
			`GET /a -> 200 miss "1"
			 +59s
			 GET /a -> 200 hit "1"
			 +1s
			 GET /a -> 200 valid "1"`},
		{"credentials", "/a  Cache-Control: max-age=60  %n",
			`GET /a  Authorization: A  -> 200 miss "1"
			 GET /a  Authorization: A  -> 200 hit "1"`,
			`GET /a  Authorization: A  -> 200 miss "1"
			 GET /a  Authorization: A  -> 200 miss "2"`},
		{"credentials, and public", "/a  Cache-Control: public, max-age=60  %n",
			`GET /a  Authorization: A  -> 200 miss "1"
			 GET /a  Authorization: B  -> 200 hit "1"`,
			`GET /a  Authorization: A  -> 200 miss "1"
			 GET /a  Authorization: B  -> 200 hit "1"`},
		{"proxy-revalidate", `/a  Cache-Control: max-age=10, proxy-revalidate, stale-if-error=60  %n`,
			`GET /a -> 200 miss "1"
			 +11s
			 SET /a  Status: 503  broken
			 GET /a -> 200 stale "1"`,
			`GET /a -> 200 miss "1"
			 +11s
			 SET /a  Status: 503  broken
			 GET /a -> 503 miss "broken"`},
	} {
		for mode, steps := range map[larder.Mode]string{larder.Private: c.private, larder.Shared: c.shared} {
			t.Run(c.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					o, transport := inBubble(c.routes)
					o.run(t, on(t, memstore.New(nil), &larder.Options{Transport: transport, Mode: mode}).Client(), steps)
				})
			})
		}
	}
	if _, err := larder.New(nil, &larder.Options{Mode: 7}); err == nil || !strings.Contains(err.Error(), "no such mode: 7") {
		t.Error(err)
	}
}

// TestModesOnOneStore: what a private cache keeps for its user answers nobody in a shared one.
func TestModesOnOneStore(t *testing.T) {
	o := newOrigin(t, "/a  Cache-Control: private, max-age=60; Etag: \"1\"  %n")
	st := memstore.New(nil)
	private, shared := on(t, st, nil), on(t, st, &larder.Options{Mode: larder.Shared})
	o.run(t, private.Client(), `GET /a -> 200 miss "1"`)
	o.run(t, shared.Client(), `GET /a -> 200 miss "2"`)
	o.run(t, private.Client(), `GET /a -> 200 hit "1"`)
}
