//! Whether an environment can keep what its resilience class promises.

use super::Demands;
use crate::model::spec::*;

/// `archive_timeout` of CloudNativePG: write-ahead log is archived at least every five minutes.
const ARCHIVE_SECONDS: u64 = 300;
const DAY_SECONDS: u64 = 86_400;

impl Demands<'_> {
    pub(super) fn recovery(&mut self) {
        let env = self.environment;
        let (backup, class, promise) = (&env.spec.backup, &env.resilience.name, &env.resilience.spec);
        if !backup.enabled {
            if env.spec.tier.is_live() {
                let message = "production cannot go without backups";
                self.refuse("backup-disabled", "/backup/enabled", message, "write `enabled: true`");
            }
            return;
        }
        let point = &promise.recovery_point;
        if point.seconds() < ARCHIVE_SECONDS && env.spec.database.synchronous != Synchronous::Required {
            let message = format!("the archive is up to 5 minutes old, but `{class}` promises to lose at most {point}");
            let help = "write `synchronous: required`";
            self.refuse("backup-too-rare", "/database/synchronous", message, help);
        }
        match backup.schedule.longest_gap() {
            None => {
                let message = format!("`{}` never comes", backup.schedule);
                self.refuse("bad-cron", "/backup/schedule", message, "choose a day that exists");
            }
            Some(gap) if gap > point.seconds().max(DAY_SECONDS) => {
                let message = format!("base backups are up to {} hours apart", gap / 3600);
                let help = "take one a day: a restore replays the log since the last one";
                self.refuse("backup-too-rare", "/backup/schedule", message, help);
            }
            Some(_) => {}
        }
        let (kept, promised) = (&backup.retention, &promise.minimum_retention);
        if kept.days() < promised.days() {
            let message = format!("`{class}` promises to keep backups for {promised}, not {kept}");
            let help = format!("write at least `{promised}`, or choose another resilience class");
            self.refuse("retention-too-short", "/backup/retention", message, help);
        }
    }
}
