package larder_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/memstore"
)

// wrongClock is a store as a process sees it whose clock is wrong: until when it wants items kept is wrong by as much.
type wrongClock struct {
	store.Store
	by time.Duration
}

func (w wrongClock) Put(ctx context.Context, key string, it store.Item, was store.Version) (store.Version, error) {
	if !it.Retain.IsZero() {
		it.Retain = it.Retain.Add(w.by)
	}
	return w.Store.Put(ctx, key, it, was)
}

// TestInvalidationByAWrongClock: an invalidation during a slow fetch, by a process whose clock is wrong by an hour and more,
// leaves nothing stale, although everything that may be dropped is dropped meanwhile.
func TestInvalidationByAWrongClock(t *testing.T) {
	for _, by := range []time.Duration{-3 * time.Hour, -time.Hour, time.Hour} {
		for _, vary := range []string{"", "; Vary: Accept-Language"} {
			t.Run(fmt.Sprint(by, vary), func(t *testing.T) {
				st := memstore.New(nil)
				slow, other := on(t, st, nil), on(t, wrongClock{st, by}, nil)
				o := newOrigin(t, "/a  Cache-Control: max-age=60"+vary+"  old")
				resp, err := slow.Client().Get(o.URL + "/a") // its head has come, its body is not read yet
				if err != nil {
					t.Fatal(err)
				}
				o.set("/a  Cache-Control: max-age=60" + vary + "  new")
				o.run(t, other.Client(), `PUT /a -> 200 pass`)
				if _, err := slow.Sweep(t.Context()); err != nil {
					t.Fatal(err)
				}
				if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "old" {
					t.Errorf("the slow fetch read %q, %v", body, err)
				}
				resp.Body.Close()
				for _, c := range []*http.Client{slow.Client(), other.Client()} {
					if got := o.step(t, c, "GET /a", true); got != `200 miss "new"` && got != `200 hit "new"` {
						t.Errorf("after the invalidation: %s", got)
					}
				}
			})
		}
	}
}

// TestKeys: what differs is kept apart, however little, and however long it is; what only looks different is not.
func TestKeys(t *testing.T) {
	c := open(t, "binary", nil)
	o := newOrigin(t, "")
	long := "/a?" + fmt.Sprintf("%0100000d", 1) // 100 KB
	for _, path := range []string{"/a", "/A", "/a/", "/a/b", "/a?", "/a?b", "/a?B", "/a%2Fb", "/a%2fB", "/b", long, long + "1", long[:len(long)-1]} {
		o.set("/a  Cache-Control: max-age=60  %n\n/A  Cache-Control: max-age=60  %n\n/a/  Cache-Control: max-age=60  %n\n/a/b  Cache-Control: max-age=60  %n\n/a/B  Cache-Control: max-age=60  %n\n/b  Cache-Control: max-age=60  %n")
		o.run(t, c.Client(), "GET "+path+" -> 200 miss\nGET "+path+" -> 200 hit\nGET "+path+"#fragment -> 200 hit")
	}
}
