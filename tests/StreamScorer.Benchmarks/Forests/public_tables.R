# Rscript public_tables.R FOLDER: writes the public tables that Debian packages bring along as CSV files for
# `bench generalise --csv FOLDER/*.csv --label label`. Needs r-base-core, r-cran-bayesm, r-cran-dslabs, r-cran-ggplot2,
# r-cran-kernlab, r-cran-lme4, r-cran-mlmrev and r-cran-modeldata. Numbers that name somebody or something get a letter, so
# that they are read as categories; ordered steps become their numbers.
folder <- commandArgs(trailingOnly = TRUE)[1]
dir.create(folder, showWarnings = FALSE, recursive = TRUE)

table_of <- function(package, name) {
  found <- new.env()
  data(list = name, package = package, envir = found)
  found[[name]]
}

named <- function(letter, id) paste0(letter, id)

# At most 50,000 rows, always the same ones.
export <- function(name, rows, label) {
  rows <- as.data.frame(rows)
  steps <- vapply(rows, is.ordered, TRUE)
  rows[steps] <- lapply(rows[steps], as.integer)
  rows$label <- ifelse(label, "yes", "no")
  set.seed(1)
  if (nrow(rows) > 50000) rows <- rows[sort(sample(nrow(rows), 50000)), ]
  write.csv(rows, file.path(folder, paste0(name, ".csv")), row.names = FALSE, na = "")
}

without <- function(rows, ...) rows[setdiff(names(rows), c(...))]

# Marketing. Sales of orange juice by store, brand and week: more than that brand's median?
juice <- table_of("bayesm", "orangeJuice")
sales <- merge(juice$yx, juice$storedemo, by.x = "store", by.y = "STORE")
above <- sales$logmove > ave(sales$logmove, sales$brand, FUN = median)
sales$store <- named("s", sales$store)
sales$brand <- named("b", sales$brand)
export("orange_juice", without(sales, "logmove", "constant", "profit"), above)

# Visits of sales representatives: does the physician prescribe more than five times that month?
visits <- table_of("bayesm", "detailing")
visits <- merge(visits$counts, visits$demo, by = "id")
visits$id <- named("p", visits$id)
export("detailing", without(visits, "scripts"), visits$scripts > 5)

# Credit cards: which of two offers was chosen?
card <- table_of("bayesm", "bank")
card <- merge(card$choiceAtt, card$demo, by = "id")
card$id <- named("c", card$id)
export("bank_card", without(card, "choice"), card$choice == 1)

# CoIL 2000: who has a caravan insurance?
caravan <- table_of("kernlab", "ticdata")
export("caravan", without(caravan, "CARAVAN"), caravan$CARAVAN == "insurance")

# Survey of shoppers: a household with 50,000 dollars or more?
shoppers <- table_of("kernlab", "income")
export("shoppers", without(shoppers, "INCOME"), as.integer(shoppers$INCOME) >= 8)

churn <- table_of("modeldata", "mlc_churn")
export("churn", without(churn, "churn"), churn$churn == "yes")

# Tastes: four stars or more?
films <- table_of("dslabs", "movielens")
films$userId <- named("u", films$userId)
films$movieId <- named("m", films$movieId)
export("movielens", without(films, "rating", "title"), films$rating >= 4)

# Not of marketing: loans, students of lecturers, pupils of schools, diamonds.
loans <- table_of("modeldata", "lending_club")
export("loans", without(loans, "Class"), loans$Class == "bad")

lectures <- table_of("lme4", "InstEval")
lectures$s <- named("s", lectures$s)
lectures$d <- named("d", lectures$d)
lectures$dept <- named("t", lectures$dept)
export("lectures", without(lectures, "y"), lectures$y >= 4)

pupils <- table_of("mlmRev", "Chem97")
pupils$lea <- named("l", pupils$lea)
pupils$school <- named("s", pupils$school)
export("pupils", without(pupils, "student", "score", "gcsecnt"), pupils$score >= 8)

diamonds <- table_of("ggplot2", "diamonds")
export("diamonds", without(diamonds, "clarity"), diamonds$clarity >= "VS1")
