//! Fields: the instruction is for the program, the result is shown (17.16).

/// Open fields of one part.
#[derive(Debug, Default)]
pub(super) struct Fields {
    open: Vec<Field>,
    /// Fields that have begun.
    begun: usize,
    /// Open fields whose instruction is being read.
    instructions: usize,
    /// Fields without an end that have begun.
    endless: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum Field {
    Instruction,
    Result,
    /// It has no end: some programs show what comes after it, others do not.
    Endless,
}

impl Fields {
    /// `w:fldChar` of this type. `ended`: which fields of the part have an end.
    pub(super) fn mark(&mut self, kind: &str, ended: &[bool]) {
        match kind {
            "begin" => {
                let has_end = ended.get(self.begun).copied().unwrap_or(false);
                self.instructions = self.instructions.saturating_add(usize::from(has_end));
                self.endless = self.endless.saturating_add(usize::from(!has_end));
                self.open.push(if has_end { Field::Instruction } else { Field::Endless });
                self.begun = self.begun.saturating_add(1);
            }
            "separate" => {
                if let Some(field) = self.open.last_mut().filter(|it| **it == Field::Instruction) {
                    *field = Field::Result;
                    self.instructions = self.instructions.saturating_sub(1);
                }
            }
            "end" if self.open.pop() == Some(Field::Instruction) => {
                self.instructions = self.instructions.saturating_sub(1);
            }
            _ => {}
        }
    }

    /// Whether text here belongs to an instruction.
    pub(super) const fn in_instruction(&self) -> bool {
        self.instructions > 0
    }

    /// Whether a field before this has no end.
    pub(super) const fn is_broken(&self) -> bool {
        self.endless > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_end_where_results_begin() {
        let mut fields = Fields::default();
        let ended = [true, true];
        fields.mark("begin", &ended);
        assert!(fields.in_instruction());
        fields.mark("separate", &ended);
        assert!(!fields.in_instruction());
        fields.mark("begin", &ended);
        assert!(fields.in_instruction(), "a field in a result");
        fields.mark("end", &ended);
        fields.mark("end", &ended);
        assert!(!fields.in_instruction());
    }

    #[test]
    fn a_field_without_end_hides_nothing() {
        let mut fields = Fields::default();
        fields.mark("begin", &[false]);
        assert!(!fields.in_instruction() && fields.is_broken());
    }
}
