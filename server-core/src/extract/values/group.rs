//! The values that share a name.

use serde::de::{DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};

use super::{Error, Pair, text::Text};

/// Up to here, looking through all pairs is quicker than sorting them first.
const FEW: usize = 32;

/// Which pairs share a name. Finding that out costs n log n at the most, whatever names a client chooses.
pub(super) struct Groups<'p, 'r> {
    pairs: &'p [Pair<'r>],
    /// A link for each pair; empty when there are few pairs.
    links: Vec<Link>,
}

#[derive(Clone, Copy)]
struct Link {
    /// No pair before this one has its name.
    first: bool,
    /// The next pair of this name.
    next: Option<usize>,
}

impl<'p, 'r> Groups<'p, 'r> {
    pub(super) fn new(pairs: &'p [Pair<'r>]) -> Self {
        if pairs.len() <= FEW {
            return Self::few(pairs);
        }
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by_key(|&index| pairs[index].0);
        let mut links = vec![Link { first: true, next: None }; pairs.len()];
        for same in order.windows(2) {
            // The sort is stable: of two pairs with one name, the earlier comes first.
            if pairs[same[0]].0 == pairs[same[1]].0 {
                links[same[0]].next = Some(same[1]);
                links[same[1]].first = false;
            }
        }
        Self { pairs, links }
    }

    /// Looks through the pairs instead of sorting them: for few pairs, or for few questions.
    pub(super) fn few(pairs: &'p [Pair<'r>]) -> Self {
        Self { pairs, links: Vec::new() }
    }

    /// The first pair from `from` on whose name has not been seen before it.
    pub(super) fn first_of_name(&self, from: usize) -> Option<usize> {
        (from..self.pairs.len()).find(|&index| match self.links.get(index) {
            Some(link) => link.first,
            None => self.pairs[..index].iter().all(|pair| pair.0 != self.pairs[index].0),
        })
    }

    fn next_of_name(&self, index: usize) -> Option<usize> {
        match self.links.get(index) {
            Some(link) => link.next,
            None => (index + 1..self.pairs.len()).find(|&later| self.pairs[later].0 == self.pairs[index].0),
        }
    }
}

/// All values of one name; never none.
pub(super) struct Group<'g, 'p, 'r> {
    groups: &'g Groups<'p, 'r>,
    first: usize,
}

impl<'g, 'p, 'r> Group<'g, 'p, 'r> {
    pub(super) fn new(groups: &'g Groups<'p, 'r>, first: usize) -> Self {
        Self { groups, first }
    }

    pub(super) fn name(&self) -> &'r str {
        self.groups.pairs[self.first].0
    }

    fn is_repeated(&self) -> bool {
        self.groups.next_of_name(self.first).is_some()
    }

    /// The value, when there is but one.
    fn single(&self) -> Result<Text<'r>, Error> {
        if self.is_repeated() { Err(Error::repeated()) } else { Ok(Text(self.groups.pairs[self.first].1)) }
    }

    fn all<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut values = Values { groups: self.groups, next: Some(self.first), taken: 0 };
        let value = visitor.visit_seq(&mut values)?;
        match (values.next, values.taken) {
            (None, _) => Ok(value),
            (Some(_), 1) => Err(Error::repeated()),
            (Some(_), taken) => Err(Error::custom(format_args!("given more than {taken} times"))),
        }
    }
}

macro_rules! single {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
            self.single()?.$method(visitor)
        }
    )*};
}

impl<'r> Deserializer<'r> for Group<'_, '_, 'r> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_repeated() { self.all(visitor) } else { self.single()?.deserialize_any(visitor) }
    }

    /// Values that nobody reads may come as often as they like.
    fn deserialize_ignored_any<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_repeated() { visitor.visit_some(self) } else { self.single()?.deserialize_option(visitor) }
    }

    fn deserialize_newtype_struct<V: Visitor<'r>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Error> {
        self.all(visitor)
    }

    fn deserialize_tuple<V: Visitor<'r>>(self, _len: usize, visitor: V) -> Result<V::Value, Error> {
        self.all(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'r>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.all(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'r>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.single()?.deserialize_unit_struct(name, visitor)
    }

    fn deserialize_struct<V: Visitor<'r>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.single()?.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'r>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.single()?.deserialize_enum(name, variants, visitor)
    }

    single! {
        deserialize_bool deserialize_char deserialize_f32 deserialize_f64
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_identifier
        deserialize_unit deserialize_map
    }
}

/// The values of one name, in order.
struct Values<'g, 'p, 'r> {
    groups: &'g Groups<'p, 'r>,
    next: Option<usize>,
    taken: usize,
}

impl<'r> SeqAccess<'r> for Values<'_, '_, 'r> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'r>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(index) = self.next else { return Ok(None) };
        self.next = self.groups.next_of_name(index);
        self.taken += 1;
        seed.deserialize(Text(self.groups.pairs[index].1)).map(Some)
    }
}
