//! What stands around the parts of a multipart: boundaries, and texts that nobody is to read (RFC 2046, 5.1.1).
//!
//! Rule: a boundary parts what it parted, in letters that any host takes.

use super::{body::may_stay, write::Writing, Bodies};
use crate::{boundary::Boundaries, mail::Entity, ConvertError, Trouble};

impl Writing<'_, '_, '_> {
    /// Boundaries are ASCII (RFC 2046, 5.1.1); one that is not gets another that stands nowhere in the mail.
    pub(super) fn another_boundary(&mut self, entity: &Entity) -> Result<Option<String>, ConvertError> {
        if !self.ascii || entity.boundary().is_none_or(str::is_ascii) {
            return Ok(None);
        }
        if self.boundaries.is_none() {
            self.allowance.step(self.mail.len())?;
            let boundaries = self.boundaries.get_or_insert_default();
            boundaries.avoid(self.mail);
            boundaries.differ(self.tree.boundaries());
        }
        Ok(self.boundaries.as_mut().map(Boundaries::next))
    }

    /// What stands around the parts of a multipart: boundaries, and texts that nobody is to read.
    pub(super) fn between(&mut self, entity: &Entity, boundary: Option<&str>) -> Result<(), ConvertError> {
        let mut begin = entity.body.start;
        let mut gaps = Vec::with_capacity(entity.parts.len() + 1);
        for part in entity.parts.iter().filter_map(|at| self.tree.entities().get(*at)) {
            gaps.push(begin..part.header.start);
            begin = part.body.end;
        }
        gaps.push(begin..entity.body.end);
        for gap in gaps {
            let octets = self.tree.octets(gap.clone());
            if boundary.is_some() || !may_stay(octets, self.bodies, self.line_end) {
                let old = entity.boundary().filter(|_| boundary.is_some()).map(|old| format!("--{old}"));
                let new = boundary.map(|new| format!("--{new}"));
                let written = self.mended(octets, old.as_deref().zip(new.as_deref()));
                if written != octets {
                    self.flaws.note(Trouble::NotSayable, gap.start, "multipart");
                    self.put(entity, gap, written)?;
                }
            }
        }
        Ok(())
    }

    /// The octets as a host takes them, with another boundary.
    fn mended(&self, octets: &[u8], boundary: Option<(&str, &str)>) -> Vec<u8> {
        let (mut out, ascii) = (Vec::with_capacity(octets.len()), self.bodies == Bodies::SevenBit);
        for line in octets.split_inclusive(|one| *one == b'\n') {
            match boundary.and_then(|(old, new)| Some((new, line.strip_prefix(old.as_bytes())?))) {
                Some((new, rest)) => {
                    out.extend_from_slice(new.as_bytes());
                    out.extend(self.line_end.mend(rest, ascii));
                }
                None => out.extend(self.line_end.mend(line, ascii)),
            }
        }
        out
    }
}
