package store_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/larder-go/larder/store"
)

func TestCheckKey(t *testing.T) {
	for _, key := range []string{"m", "e/0123456789abcdef", "b/set-1/12", "_", "-", strings.Repeat("k", store.MaxKey)} {
		if err := store.CheckKey(key); err != nil {
			t.Errorf("%.20q is refused: %v", key, err)
		}
	}
	for _, key := range []string{
		"", "A", "e/Ab", "a.b", "a b", "a\x00", "é", "/", "/a", "a/", "a//b", "..", "../a", `a\b`, "a:b",
		strings.Repeat("k", store.MaxKey+1),
	} {
		if err := store.CheckKey(key); !errors.Is(err, store.ErrBadKey) {
			t.Errorf("%.20q: %v, want ErrBadKey", key, err)
		}
	}
}

func TestCheckItem(t *testing.T) {
	for _, it := range []store.Item{
		{},
		{Form: "1.json.zst"},
		{Form: strings.Repeat("f", store.MaxForm)},
		{Label: make([]byte, store.MaxLabel), Group: "e/abc"},
		{Key: "Ignored by Put", Version: "x", Size: -1},
	} {
		if err := store.CheckItem(it); err != nil {
			t.Errorf("%+v is refused: %v", it, err)
		}
	}
	for _, it := range []store.Item{
		{Form: "1.JSON"}, {Form: "../x"}, {Form: ".json"}, {Form: "json."}, {Form: "a..b"}, {Form: "a b"},
		{Form: strings.Repeat("f", store.MaxForm+1)},
		{Label: make([]byte, store.MaxLabel+1)},
		{Group: "a//b"}, {Group: "A"}, {Group: strings.Repeat("g", store.MaxKey+1)},
	} {
		if err := store.CheckItem(it); !errors.Is(err, store.ErrBadItem) {
			t.Errorf("%+v: %v, want ErrBadItem", it, err)
		}
	}
}

func TestErrorNamesOperationAndKey(t *testing.T) {
	var err error = &store.Error{Op: "put", Key: "e/1", Err: store.ErrChanged}
	if !errors.Is(err, store.ErrChanged) || err.Error() != "store: put e/1: changed by another writer" {
		t.Errorf("got %v", err)
	}
}

// plain is the least a store can be: the helpers build everything from its methods.
type plain struct{ items map[string]string }

func (p plain) Get(_ context.Context, key string) (store.Item, error) {
	v, ok := p.items[key]
	if !ok {
		return store.Item{}, &store.Error{Op: "get", Key: key, Err: store.ErrNotFound}
	}
	return store.Item{Key: key, Value: []byte(v)}, nil
}

func (p plain) Put(_ context.Context, key string, it store.Item, _ store.Version) (store.Version, error) {
	p.items[key] = string(it.Value)
	return "1", nil
}

func (p plain) Delete(_ context.Context, key string, _ store.Version) error {
	delete(p.items, key)
	return nil
}

func (p plain) List(ctx context.Context, prefix string) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		for k, v := range p.items {
			if err := ctx.Err(); err != nil {
				yield(store.Item{}, err)
				return
			}
			if strings.HasPrefix(k, prefix) && !yield(store.Item{Key: k, Size: int64(len(v))}, nil) {
				return
			}
		}
	}
}

func TestHelpersOverThePlainestStore(t *testing.T) {
	st := plain{map[string]string{"e/1": "abc", "e/2": "de", "s/1": "f"}}
	ctx := t.Context()
	if n, b, err := store.Count(ctx, st, "e/"); n != 2 || b != 5 || err != nil {
		t.Errorf("Count: %d, %d, %v; want 2, 5", n, b, err)
	}
	where, err := store.Locate(ctx, st, "s/1")
	if err != nil || !strings.Contains(where, "s/1") {
		t.Errorf("Locate: %q, %v", where, err)
	}
	if _, err := store.Locate(ctx, st, "s/2"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Locate of nothing: %v, want ErrNotFound", err)
	}
	if n, err := store.Clear(ctx, st, "e/"); n != 2 || err != nil || len(st.items) != 1 {
		t.Errorf("Clear: %d, %v, %d left; want 2 and one left", n, err, len(st.items))
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := store.Clear(gone, st, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("Clear when cancelled: %v", err)
	}
	if _, _, err := store.Count(gone, st, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("Count when cancelled: %v", err)
	}
	if l := store.LimitsOf(st); !l.Lists || !l.Labels || l.Value != 0 {
		t.Errorf("LimitsOf a store that says nothing: %+v", l)
	}
}
